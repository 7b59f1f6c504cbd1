package strength

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn/match"
)

// dictionary is the word list with a person's own words before it.
type dictionary struct {
	personal map[string]int // rank by word in lower case
	common   *wordTable
}

func newDictionary(personal []string) dictionary {
	d := dictionary{map[string]int{}, table()}
	for i, word := range personal {
		d.personal[strings.ToLower(word)] = i + 1
	}
	return d
}

// words finds every part of text that is a word, in any letter case.
func (d dictionary) words(text string) (found []*match.Match) {
	for i := range text {
		var lower []byte
		s := d.common.all()
		for j, letter := range text[i:] {
			lower = utf8.AppendRune(lower, unicode.ToLower(letter))
			word := string(lower)
			s = d.common.narrow(s, word)
			rank := d.common.rankOf(s, word)
			if own := d.personal[word]; own > 0 && (rank == 0 || own < rank) {
				rank = own
			}
			if rank > 0 {
				end := i + j + utf8.RuneLen(letter)
				found = append(found, &match.Match{Pattern: "dictionary", I: i, J: end - 1, Token: text[i:end], MatchedWord: word, Rank: rank})
			}
			if s.first == s.last && len(d.personal) == 0 {
				break
			}
		}
	}
	return found
}

// reversed finds words written backwards.
func (d dictionary) reversed(text string) []*match.Match {
	found := d.words(backwards(text))
	for _, m := range found {
		m.I, m.J = len(text)-1-m.J, len(text)-1-m.I
		m.Token, m.Reversed = backwards(m.Token), true
	}
	return found
}

func backwards(text string) string {
	letters := []rune(text)
	slices.Reverse(letters)
	return string(letters)
}

// leetLetters are what people write instead of a letter.
var leetLetters = []struct{ letter, written string }{
	{"a", "4@"}, {"b", "8"}, {"c", "({[<"}, {"e", "3"}, {"g", "69"}, {"i", "1!|"},
	{"l", "1|7"}, {"o", "0"}, {"s", "$5"}, {"t", "+7"}, {"x", "%"}, {"z", "2"},
}

// reading says which letter stands behind a sign; 0: the sign itself.
type reading [utf8.RuneSelf]byte

// leet finds words in which signs stand for letters.
func (d dictionary) leet(text string) (found []*match.Match) {
	for r := range readings(text) {
		read := []byte(text)
		for i, b := range read {
			if b < utf8.RuneSelf && r[b] != 0 {
				read[i] = r[b]
			}
		}
		if string(read) == text {
			continue
		}
		for _, m := range d.words(string(read)) {
			m.Token = text[m.I : m.J+1]
			// A single sign is no word, and what reads the same was found before.
			if len(m.Token) <= 1 || strings.ToLower(m.Token) == m.MatchedWord {
				continue
			}
			m.L33t, m.Sub = true, map[string]string{}
			for _, b := range []byte(m.Token) {
				if b < utf8.RuneSelf && r[b] != 0 {
					m.Sub[string(b)] = string(r[b])
				}
			}
			found = append(found, m)
		}
	}
	return found
}

// readings are all ways to read the signs of text, in which every letter is
// written one way only.
func readings(text string) map[reading]struct{} {
	all := map[reading]struct{}{{}: {}}
	for _, l := range leetLetters {
		next := map[reading]struct{}{}
		for _, sign := range []byte(l.written) {
			if !strings.Contains(text, string(sign)) {
				continue
			}
			for r := range all {
				if r[sign] != 0 {
					next[r] = struct{}{} // it stands for another letter
				}
				r[sign] = l.letter[0]
				next[r] = struct{}{}
			}
		}
		if len(next) > 0 {
			all = next
		}
	}
	return all
}
