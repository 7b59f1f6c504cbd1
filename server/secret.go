package server

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// secretFile is the secret's name in the data folder.
const secretFile = "secret"

// NewSecret is a strong one: 32 random bytes in base64url.
func NewSecret() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails: crypto/rand
	return base64.RawURLEncoding.EncodeToString(raw)
}

// readSecret returns the secret kept in folder, or fs.ErrNotExist. A file that
// others may read is refused: whoever read it can sign in as anybody.
func readSecret(folder string) (string, error) {
	name := filepath.Join(folder, secretFile)
	info, err := os.Lstat(name)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a regular file", name)
	}
	if info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		return "", fmt.Errorf("%s can be read by others (mode %04o): run `chmod 600 %s`, and replace it if somebody may have read it",
			name, info.Mode().Perm(), name)
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	secret := strings.TrimSpace(string(raw))
	if secret == "" {
		return "", fmt.Errorf("%s is empty: delete it to have a new one made", name)
	}
	return secret, nil
}

// ensureSecret returns the secret kept in folder and makes it if there is
// none. The file appears complete or not at all, and of two processes that
// start at once one makes it and both use it.
func ensureSecret(folder string) (string, error) {
	secret, err := readSecret(folder)
	if !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	draft, err := writeDraft(folder, NewSecret()+"\n")
	if err != nil {
		return "", fmt.Errorf("make the secret: %w", err)
	}
	defer os.Remove(draft)
	// Link, unlike Rename, never replaces a file that is there already.
	if err := os.Link(draft, filepath.Join(folder, secretFile)); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("make the secret: %w", err)
	}
	return readSecret(folder)
}

// writeDraft writes a file that is on disk when it returns. CreateTemp gives
// mode 0600.
func writeDraft(folder, text string) (name string, err error) {
	f, err := os.CreateTemp(folder, secretFile+"-*.tmp")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// makeData makes the data folder, for its owner only.
func makeData(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	return nil
}
