package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gatehouse-auth/gatehouse/internal/config"
)

// DefaultFile is read when no other configuration file is named.
const DefaultFile = "gatehouse.yaml"

// EnvPrefix starts the environment variables of options.
const EnvPrefix = "GATEHOUSE_"

// maxFileBytes bounds a configuration file.
const maxFileBytes = 1 << 20

// Source says where options come from; a later one wins: file, environment,
// flags.
type Source struct {
	// File is the YAML file. Default: DefaultFile, if it exists.
	File string
	// Env is "NAME=value" as os.Environ gives it; nil means os.Environ().
	Env []string
	// Flags are values by option path, such as "session.expiresIn".
	Flags map[string]string
}

// Loaded are options in force.
type Loaded struct {
	*Options
	// File is the configuration file that was read; empty: none.
	File string
	// Origins tells for every option that was set: "file", "env" or "flag".
	Origins map[string]string
}

// Load reads the configuration over the defaults. Everything wrong with it is
// in the error, one line each, with its position and the nearest right name.
func Load(s Source) (*Loaded, error) {
	loaded := &Loaded{Options: Defaults(), File: s.File}
	if s.File == "" {
		if _, err := os.Stat(DefaultFile); err == nil {
			loaded.File = DefaultFile
		}
	}
	var src []byte
	if loaded.File != "" {
		var err error
		if src, err = readFile(loaded.File); err != nil {
			return nil, err
		}
	}
	var err error
	loaded.Origins, err = config.Load(loaded.Options, config.Input{
		Source: src, File: loaded.File, Prefix: EnvPrefix, Env: s.Env, Flags: s.Flags,
	})
	loaded.Options.From = Origin{File: loaded.File, Origins: loaded.Origins}
	return loaded, err
}

func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no configuration file %s", name)
	}
	if err != nil {
		return nil, fmt.Errorf("configuration file: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxFileBytes {
		return nil, fmt.Errorf("configuration file %s is not a regular file of at most 1 MiB", name)
	}
	return os.ReadFile(name)
}

// Print writes the options in force as YAML, each with where it came from.
// Secrets are left out.
func (l *Loaded) Print() []byte { return config.Print(l.Options, l.Origins) }
