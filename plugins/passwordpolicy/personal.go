package passwordpolicy

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatehouse-auth/gatehouse/internal/kdf"
)

const (
	// minWord: shorter names are in too many words by chance.
	minWord = 3
	// maxWords and maxWordSource bound what a long name can cost.
	maxWords      = 40
	maxWordSource = 256 // bytes
)

// personalWords lists what a guesser who knows the person tries first, in lower
// case, the longest first: names whole and in parts, the address, its parts
// and the names of its domain, without the last ("com").
func personalWords(app, name, email string) []string {
	var words []string
	add := func(word string) {
		if utf8.RuneCountInString(word) >= minWord && len(words) < maxWords && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	local, domain, _ := strings.Cut(plain(email), "@")
	add(plain(email))
	add(local)
	add(domain)
	for _, text := range []string{plain(app), plain(name), local} {
		parts := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
		add(text)
		add(strings.Join(parts, ""))
		for _, part := range parts {
			add(part)
		}
	}
	labels := strings.Split(domain, ".")
	for _, label := range labels[:len(labels)-1] {
		add(label)
	}
	slices.SortStableFunc(words, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return words
}

func plain(text string) string {
	if len(text) > maxWordSource {
		text = strings.ToValidUTF8(text[:maxWordSource], "")
	}
	return strings.ToLower(kdf.Normalize(strings.TrimSpace(text)))
}

// lengthWithout counts the code points of password that are in none of words.
func lengthWithout(password string, words []string) int {
	rest := strings.ToLower(password)
	for _, word := range words {
		rest = strings.ReplaceAll(rest, word, "")
	}
	return utf8.RuneCountInString(rest)
}
