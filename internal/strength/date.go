package strength

import (
	"slices"
	"strconv"
	"strings"

	"github.com/trustelem/zxcvbn/match"
	"github.com/trustelem/zxcvbn/scoring"
)

const (
	firstYear, lastYear = 1000, 2050
	separators          = " \t\n\v\f\r/\\_.-"
)

// dates finds days with a month and a year, written in any order that has the
// year at an end. Of two dates, one inside the other, it keeps the outer.
func dates(text string) []*match.Match {
	var all []*match.Match
	for i := range len(text) {
		for j := i + 4; j <= min(i+10, len(text)); j++ {
			token := text[i:j]
			year, separator := yearOf(token)
			if year >= 0 {
				all = append(all, &match.Match{Pattern: "date", I: i, J: j - 1, Token: token, Year: year, Separator: separator})
			}
		}
	}
	var found []*match.Match
	for _, m := range all {
		inside := func(o *match.Match) bool { return o != m && o.I <= m.I && o.J >= m.J }
		if !slices.ContainsFunc(all, inside) {
			found = append(found, m)
		}
	}
	return found
}

// yearOf is the year of a date and what separates its numbers; -1: it is none.
func yearOf(token string) (year int, separator string) {
	if digitsOnly(token) {
		return yearOfDigits(token), ""
	}
	at := strings.IndexAny(token, separators)
	if at < 1 || len(token) < 6 {
		return -1, ""
	}
	parts := strings.Split(token, token[at:at+1])
	if len(parts) != 3 || len(parts[0]) > 4 || len(parts[1]) > 2 || len(parts[2]) > 4 ||
		!digitsOnly(parts[0]) || !digitsOnly(parts[1]) || !digitsOnly(parts[2]) {
		return -1, ""
	}
	return yearOfParts(parts[0], parts[1], parts[2]), token[at : at+1]
}

// cuts are where the second and the third number may begin, by length.
var cuts = map[int][][2]int{
	4: {{1, 2}, {2, 3}},
	5: {{1, 3}, {2, 3}},
	6: {{1, 2}, {2, 4}, {4, 5}},
	7: {{1, 3}, {2, 3}, {4, 5}, {4, 6}},
	8: {{2, 4}, {4, 6}},
}

// yearOfDigits takes the reading that is guessed first: the year nearest to ours.
func yearOfDigits(token string) int {
	best := -1
	for _, cut := range cuts[len(token)] {
		year := yearOfParts(token[:cut[0]], token[cut[0]:cut[1]], token[cut[1]:])
		if year >= 0 && (best < 0 || distance(year) < distance(best)) {
			best = year
		}
	}
	return best
}

func distance(year int) int { return max(year-scoring.ReferenceYear, scoring.ReferenceYear-year) }

// yearOfParts is the year of three numbers that are a date, else -1. One that
// has four digits is the year; otherwise the last is, or the first.
func yearOfParts(first, second, third string) int {
	a, b, c := number(first), number(second), number(third)
	if !plausible(a, b, c) {
		return -1
	}
	for _, split := range [][3]int{{c, a, b}, {a, b, c}} {
		if year := split[0]; year >= firstYear && year <= lastYear {
			if isDay(split[1], split[2]) {
				return year
			}
			return -1
		}
	}
	for _, split := range [][3]int{{c, a, b}, {a, b, c}} {
		if isDay(split[1], split[2]) {
			return fullYear(split[0])
		}
	}
	return -1
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits) // at most four digits
	return n
}

// plausible leaves out what cannot be a date in any order. No year stands in
// the middle.
func plausible(a, b, c int) bool {
	if b < 1 || b > 31 {
		return false
	}
	over31, over12, zero := 0, 0, 0
	for _, n := range []int{a, b, c} {
		if n > 99 && n < firstYear || n > lastYear {
			return false
		}
		if n > 31 {
			over31++
		}
		if n > 12 {
			over12++
		}
		if n == 0 {
			zero++
		}
	}
	return over31 < 2 && over12 < 3 && zero < 2
}

// isDay reports whether two numbers are a day and a month, in either order.
func isDay(a, b int) bool { return a <= 31 && b <= 12 || b <= 31 && a <= 12 }

// fullYear reads 51 to 99 as 1951 to 1999, 0 to 50 as 2000 to 2050.
func fullYear(year int) int {
	switch {
	case year > 99:
		return year
	case year > 50:
		return year + 1900
	}
	return year + 2000
}
