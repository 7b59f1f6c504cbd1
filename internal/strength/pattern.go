package strength

import (
	"strings"

	"github.com/trustelem/zxcvbn/adjacency"
	"github.com/trustelem/zxcvbn/match"
)

const shiftedKeys = `~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?`

// boards are the keyboards; a keypad has no shifted signs.
var boards = []struct{ name, shifted string }{
	{"qwerty", shiftedKeys}, {"dvorak", shiftedKeys}, {"keypad", ""}, {"mac_keypad", ""},
}

// keyboardWalks finds runs of three neighbouring keys and more.
func keyboardWalks(text string) (found []*match.Match) {
	for _, board := range boards {
		keys := adjacency.Graphs[board.name].Graph
		for i := 0; i < len(text)-1; {
			m := walkFrom(text, i, keys)
			if strings.IndexByte(board.shifted, text[i]) >= 0 {
				m.ShiftedCount++
			}
			if m.J-m.I >= 2 {
				m.Graph = board.name
				found = append(found, m)
			}
			i = m.J + 1
		}
	}
	return found
}

// walkFrom goes from key to key as long as they are neighbours. A neighbour is
// written with its shifted sign second; its place in the list is its direction.
func walkFrom(text string, i int, keys map[string][]string) *match.Match {
	m := &match.Match{Pattern: "spatial", I: i}
	direction := -1
	j := i + 1
	for ; j < len(text); j++ {
		to, shifted := neighbour(keys[text[j-1:j]], text[j])
		if to < 0 {
			break
		}
		if shifted {
			m.ShiftedCount++
		}
		if to != direction {
			m.Turns++
			direction = to
		}
	}
	m.J, m.Token = j-1, text[i:j]
	return m
}

func neighbour(around []string, key byte) (direction int, shifted bool) {
	for direction, signs := range around {
		if at := strings.IndexByte(signs, key); at >= 0 {
			return direction, at == 1
		}
	}
	return -1, false
}

// maxStep is the widest step of a sequence, as in "aei".
const maxStep = 5

// sequences finds characters that follow each other in even steps: three and
// more, or two that are neighbours.
func sequences(text string) (found []*match.Match) {
	for i := 0; i < len(text)-1; {
		step := int(text[i+1]) - int(text[i])
		j := i + 1
		for j+1 < len(text) && int(text[j+1])-int(text[j]) == step {
			j++
		}
		near := step == 1 || step == -1
		if step != 0 && step >= -maxStep && step <= maxStep && (near || j-i > 1) {
			found = append(found, &match.Match{Pattern: "sequence", I: i, J: j, Token: text[i : j+1], Ascending: step > 0})
		}
		i = j
	}
	return found
}

// recentYears finds 1900 to 2019.
func recentYears(text string) (found []*match.Match) {
	for i := 0; i+4 <= len(text); {
		year := text[i : i+4]
		if !digitsOnly(year) || year[:2] != "19" && year[:3] != "200" && year[:3] != "201" {
			i++
			continue
		}
		found = append(found, &match.Match{Pattern: "regex", RegexName: "recent_year", I: i, J: i + 3, Token: year})
		i += 4
	}
	return found
}

func digitsOnly(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
