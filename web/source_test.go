//go:build !noui

package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestBuiltPagesAreCurrent computes what build.mjs wrote into dist/SOURCE.
func TestBuiltPagesAreCurrent(t *testing.T) {
	files := []string{"package.json", "package-lock.json", "build.mjs", "vite.mjs", "tsconfig.json"}
	for _, folder := range []string{"ui", "auth", "console"} {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				files = append(files, filepath.ToSlash(path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(files)
	whole := sha256.New()
	for _, file := range files {
		content, err := os.ReadFile(filepath.FromSlash(file))
		if err != nil {
			t.Fatal(err)
		}
		one := sha256.Sum256(content)
		fmt.Fprintf(whole, "%s  %s\n", hex.EncodeToString(one[:]), file)
	}
	built, err := os.ReadFile(filepath.Join("dist", "SOURCE"))
	if err != nil {
		t.Fatal(err)
	}
	if want := hex.EncodeToString(whole.Sum(nil)) + "\n"; string(built) != want {
		t.Error("the sources of the pages changed: run scripts/web.sh --update and commit web/dist")
	}
}
