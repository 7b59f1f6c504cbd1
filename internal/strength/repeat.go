package strength

import (
	"slices"

	"github.com/trustelem/zxcvbn/match"
	"github.com/trustelem/zxcvbn/scoring"
)

// repeats finds what is written twice and more in a row; the guesses are those
// of the repeated part.
func repeats(text string) (found []*match.Match) {
	letters := []rune(text)
	at := make([]int, 0, len(letters)+1) // of each letter in text
	for i := range text {
		at = append(at, i)
	}
	at = append(at, len(text))
	for first := 0; first < len(letters); {
		unit, times := longestRepeat(letters[first:])
		if times < 2 {
			first++
			continue
		}
		last := first + unit*times
		base := text[at[first]:at[first+unit]]
		found = append(found, &match.Match{
			Pattern: "repeat", I: at[first], J: at[last] - 1, Token: text[at[first]:at[last]],
			BaseToken: base, RepeatCount: times,
			BaseGuesses: scoring.MostGuessableMatchSequence(base, matches(base, newDictionary(nil)), false).Guesses,
		})
		first = last
	}
	return found
}

// longestRepeat looks at the beginning of text only. Of the longest and the
// shortest part that repeats itself, it takes the one that covers more:
// "aabaab" is twice aab, "aaaaa" is five times a. Times is 0 when none does.
func longestRepeat(text []rune) (unit, times int) {
	shortest, longest := 0, 0
	for n := 1; 2*n <= len(text); n++ {
		if slices.Equal(text[:n], text[n:2*n]) {
			longest = n
			if shortest == 0 {
				shortest = n
			}
		}
	}
	if longest == 0 {
		return 0, 0
	}
	short, long := shortest*timesOf(text, shortest), longest*timesOf(text, longest)
	if long <= short {
		return shortest, short / shortest
	}
	for n := 1; ; n++ { // the part may repeat a shorter one
		if long%n == 0 && timesOf(text[:long], n) == long/n {
			return n, long / n
		}
	}
}

// timesOf counts how often text begins with its first n letters.
func timesOf(text []rune, n int) int {
	times := 1
	for rest := text[n:]; len(rest) >= n && slices.Equal(rest[:n], text[:n]); rest = rest[n:] {
		times++
	}
	return times
}
