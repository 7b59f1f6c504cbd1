// Package strength tells how many guesses a password withstands, as zxcvbn
// does (Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX
// Security 2016): what an attacker would try is found here, what it costs is
// summed up by trustelem/zxcvbn/scoring. That module's own matching is not
// used, for it builds 11 MB of dictionaries whenever a program starts; here a
// packed list is read at the first question. The package refuses to know what
// is strong enough. Read dictionary.go next.
package strength

import (
	"slices"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn/match"
	"github.com/trustelem/zxcvbn/scoring"
)

// leastGuesses are how many guesses the scores 1 to 4 take at least.
var leastGuesses = [...]float64{1e3 + 5, 1e6 + 5, 1e8 + 5, 1e10 + 5}

// Score is zxcvbn's: 0 (under a thousand guesses), 1 (under a million), 2
// (under a hundred million), 3 (under ten thousand million) or 4. Personal
// words, likeliest first, are tried before all others. Text that is not UTF-8
// scores 0. The time grows with the square of the length: bound it.
func Score(password string, personal []string) int {
	guesses := Guesses(password, personal)
	score := 0
	for score < len(leastGuesses) && guesses >= leastGuesses[score] {
		score++
	}
	return score
}

// Guesses is how many Score counts.
func Guesses(password string, personal []string) float64 {
	if !utf8.ValidString(password) {
		return 0
	}
	return scoring.MostGuessableMatchSequence(password, matches(password, newDictionary(personal)), false).Guesses
}

// matches is all that is easy to guess in text, by position.
func matches(text string, d dictionary) []*match.Match {
	all := slices.Concat(
		d.words(text), d.reversed(text), d.leet(text),
		keyboardWalks(text), repeats(text), sequences(text), recentYears(text), dates(text),
	)
	match.Sort(all)
	return all
}
