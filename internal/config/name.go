package config

import (
	"slices"
	"strings"
	"unicode"
)

// optionName is the option of a Go field: its name with a lower-case first
// word. An initialism is one word: BaseURL, ID, IPAddress, URLs and IPv6Subnet
// become baseURL, id, ipAddress, urls and ipv6Subnet.
func optionName(field string) string {
	letters := []rune(field)
	run := 0
	for run < len(letters) && unicode.IsUpper(letters[run]) {
		run++
	}
	if run > 1 && run < len(letters) && unicode.IsLower(letters[run]) && !endsWord(letters[run:]) {
		run-- // the last capital begins the next word
	}
	return strings.ToLower(string(letters[:run])) + string(letters[run:])
}

// endsWord reports whether the lower-case letters after an initialism still
// belong to it: a plural s, or a version such as the v6 of IPv6.
func endsWord(rest []rune) bool {
	last := len(rest) == 1
	return rest[0] == 's' && (last || unicode.IsUpper(rest[1])) ||
		rest[0] == 'v' && !last && unicode.IsDigit(rest[1])
}

// envName is the environment variable of an option path: every word in
// capitals, joined by underscores.
func envName(prefix, path string) string {
	var b strings.Builder
	b.WriteString(prefix)
	letters := []rune(path)
	for i, r := range letters {
		switch {
		case r == '.' || r == '-':
			b.WriteByte('_')
			continue
		case unicode.IsUpper(r) && beginsWord(letters, i):
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

func beginsWord(letters []rune, i int) bool {
	if i == 0 || letters[i-1] == '.' || letters[i-1] == '-' {
		return false
	}
	if !unicode.IsUpper(letters[i-1]) {
		return true
	}
	return i+1 < len(letters) && unicode.IsLower(letters[i+1]) && !endsWord(letters[i+1:])
}

// nearest is the candidate most like the wrong name: equal but for letter case
// and separators, or few slips away. Empty when nothing is near enough to be
// worth suggesting.
func nearest(wrong string, candidates []string) string {
	best, least := "", len([]rune(wrong))/3+1
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		d := distance(bare(wrong), bare(c))
		if d < least {
			best, least = c, d
		}
	}
	return best
}

func bare(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that lead from one word to the other (optimal string alignment).
// Names of more than 64 letters are not compared: nobody mistypes those.
func distance(from, to string) int {
	a, b := []rune(from), []rune(to)
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	var rows [3][]int // two rows ago, the last, this one
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
	}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, now := rows[0], rows[1], rows[2]
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		rows[0], rows[1], rows[2] = last, now, before
	}
	return rows[1][len(b)]
}
