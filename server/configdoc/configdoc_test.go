package configdoc_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/gatehouse-auth/gatehouse/server/configdoc"
)

func TestFilesAreCurrent(t *testing.T) {
	const root = "../.."
	files, err := configdoc.Files(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is stale: run `go generate ./server`", name)
		}
	}
}
