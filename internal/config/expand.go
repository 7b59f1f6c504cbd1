package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// maxValueBytes bounds what one ${file:…} may bring in: a key, not a disk image.
const maxValueBytes = 64 << 10

// expand replaces ${file:PATH} and ${env:NAME} in text. A relative path starts
// at dir. One newline at the end of a file is left out. $${ writes a literal
// ${. What was brought in is not expanded again.
func expand(text, dir string) (string, error) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "${")
		if !found {
			b.WriteString(text)
			return b.String(), nil
		}
		if literal, ok := strings.CutSuffix(before, "$"); ok {
			b.WriteString(literal + "${")
			text = after
			continue
		}
		b.WriteString(before)
		name, rest, closed := strings.Cut(after, "}")
		if !closed {
			return "", errors.New("${ without a closing }; write $${ for a literal ${")
		}
		value, err := lookUp(name, dir)
		if err != nil {
			return "", err
		}
		b.WriteString(value)
		text = rest
	}
}

func lookUp(name, dir string) (string, error) {
	source, what, _ := strings.Cut(name, ":")
	switch source {
	case "file":
		return readValue(what, dir)
	case "env":
		value, set := os.LookupEnv(what)
		if !set {
			return "", fmt.Errorf("the environment variable %s is not set", what)
		}
		return value, nil
	}
	return "", fmt.Errorf("unknown source ${%s}: use ${file:PATH} or ${env:NAME}, or $${ for a literal ${", name)
}

func readValue(path, dir string) (string, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	info, err := os.Stat(path) // before Open, which would wait at a named pipe
	if err != nil {
		return "", fmt.Errorf("cannot read the value: %w", err)
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("cannot read the value: %s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("cannot read the value: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxValueBytes+1))
	if err != nil {
		return "", fmt.Errorf("cannot read the value: %w", err)
	}
	if len(raw) > maxValueBytes {
		return "", fmt.Errorf("%s holds more than 64 KiB", path)
	}
	if !utf8.Valid(raw) {
		return "", fmt.Errorf("%s is not UTF-8 text", path)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r"), nil
}
