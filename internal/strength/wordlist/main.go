// Command wordlist packs zxcvbn's frequency lists for package strength, which
// reads them when the first password is judged and not when a program starts.
package main

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"log"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/trustelem/zxcvbn/frequency"
)

const isPassword = 1 << 15

func main() {
	ranks := map[string]uint16{}
	for name, list := range frequency.FrequencyLists {
		own := map[string]uint16{}
		for i, word := range list {
			own[strings.ToLower(word)] = uint16(i + 1)
		}
		for word, rank := range own {
			if best, ok := ranks[word]; ok && best&^isPassword < rank {
				rank = best &^ isPassword
			}
			rank |= ranks[word] & isPassword
			if name == "passwords" {
				rank |= isPassword
			}
			ranks[word] = rank
		}
	}
	if err := os.WriteFile("words.bin", pack(ranks), 0o644); err != nil {
		log.Fatal(err)
	}
}

// pack is the form that words.go describes.
func pack(ranks map[string]uint16) []byte {
	words := slices.Sorted(maps.Keys(ranks))
	raw := binary.LittleEndian.AppendUint32(nil, uint32(len(words)))
	for _, word := range words {
		if ranks[word]&^isPassword == 0 || word == "" || strings.ContainsFunc(word, func(r rune) bool { return r <= ' ' || r > '~' }) {
			log.Fatalf("the form has no place for %q of rank %d", word, ranks[word])
		}
		raw = binary.LittleEndian.AppendUint16(raw, ranks[word])
	}
	raw = append(raw, strings.Join(words, "\n")...)
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err == nil {
		_, err = w.Write(raw)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		log.Fatal(err)
	}
	return packed.Bytes()
}
