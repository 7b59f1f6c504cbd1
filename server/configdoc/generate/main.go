// Command generate writes the configuration reference and the JSON Schema. It
// runs in the folder server: see "go generate ./server".
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/gatehouse-auth/gatehouse/server/configdoc"
)

func main() {
	const root = ".."
	files, err := configdoc.Files(root)
	if err != nil {
		log.Fatal(err)
	}
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
