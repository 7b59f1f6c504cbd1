package strength_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/trustelem/zxcvbn"
	"github.com/trustelem/zxcvbn/frequency"

	"github.com/gatehouse-auth/gatehouse/internal/strength"
)

var samples = []string{
	"", "a", "ab", "password", "PASSWORD", "PaSSwoRd", "drowssap", "DrowssaP", "p4ssw0rd", "P4$$w0rd", "p@55w0rd1", "@bsolut3ly",
	"qwertyuiop", "qwER43@!", "zxcvbn", "mnbvcxz", "789456123", "aoeuidhtns", "QWERTY!@#$%^", "147258369", "1qaz2wsx3edc",
	"abcdefgh", "hgfedcba", "ABCDEFG", "02468", "97531", "acegik", "aaaaaaaa", "aabaab", "abcabcabcabc", "aaaaab", "aabaabaabaab",
	"1991", "2015", "2019", "2020", "19901991", "13.12.1991", "1/1/91", "2015_06_04", "31-02-07", "111504", "11111991", "1191", "99999999",
	"correct horse battery staple", "correcthorsebatterystaple", "Tr0ub4dour&3", "D0g..................", "verlineVANDERMARK",
	"violet harbour 93 lamps", "eheuczkqyq", "rWibMFACxAUGZmxhVncy", "Ba9ZyWABu99[BK#6MBgbH88Tofv)vs$w", "neverforget13/3/1997",
	"l33t sp34k", "1337", "|337", "zz7op|1+", "adagatehouse2020", "Ada@Example", "xx adagatehouse", "!1i|l7t+", "(c{[<", "          ", "\x00\x00\x00\x00",
}

var ada = []string{"Ada", "gatehouse", "example", "Lovelace", "ada"}

// compare holds our guesses to the original's. Its reading of signs as letters
// forgets some where four and more letters are replaced (it appends to shared
// slices), so that there it may count more guesses than we do.
func compare(t *testing.T, password string, personal []string) {
	t.Helper()
	want := zxcvbn.PasswordStrength(password, personal)
	got, score := strength.Guesses(password, personal), strength.Score(password, personal)
	signs := map[rune]bool{}
	for _, r := range password {
		if strings.ContainsRune("4@8({[<369!1|70$5+%2", r) {
			signs[r] = true
		}
	}
	if len(signs) > 3 && got <= want.Guesses && score <= want.Score {
		return
	}
	if got != want.Guesses || score != want.Score {
		t.Errorf("%q withstands %v guesses, score %d; zxcvbn counts %v, score %d", password, got, score, want.Guesses, want.Score)
	}
}

func TestGuessesAreThoseOfZxcvbn(t *testing.T) {
	for _, password := range samples {
		compare(t, password, nil)
		compare(t, password, ada)
	}
}

// TestRandomGuessesAreThoseOfZxcvbn puts passwords together as people do.
func TestRandomGuessesAreThoseOfZxcvbn(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	words := append(append([]string{}, samples...), frequency.FrequencyLists["passwords"][:3000]...)
	words = append(words, frequency.FrequencyLists["surnames"]...)
	words = append(words, frequency.FrequencyLists["english_wikipedia"][20000:]...)
	leet := strings.NewReplacer("a", "4", "e", "3", "o", "0")
	for range 1500 {
		var parts []string
		for range 1 + random.IntN(3) {
			part := words[random.IntN(len(words))]
			switch random.IntN(5) {
			case 0:
				part = strings.ToUpper(part[:min(1, len(part))]) + part[min(1, len(part)):]
			case 1:
				part = leet.Replace(part)
			case 2:
				part = string([]byte{byte(' ' + random.IntN(95)), byte(' ' + random.IntN(95))}) + part
			}
			parts = append(parts, part)
		}
		password := strings.Join(parts, []string{"", " ", "-", "1"}[random.IntN(4)])
		compare(t, password[:min(len(password), 32)], ada)
	}
}

// TestLettersBeyondASCII: a person's own word is found where it ends in a
// letter of two bytes, too, which the original misses.
func TestLettersBeyondASCII(t *testing.T) {
	for _, tt := range []struct {
		password string
		personal []string
		want     int
	}{
		{"josé", []string{"José"}, 0},
		{"ésoj", []string{"José"}, 0},
		{"józef2019", []string{"Józef"}, 1},
		{"ééééééééé", nil, 0},
		{"пароль", nil, 1},
		{"correct zebra Ωμέγα lattice", nil, 4},
		{"\xff\xfe password that is no text", nil, 0},
	} {
		if got := strength.Score(tt.password, tt.personal); got != tt.want {
			t.Errorf("%q scores %d (%v guesses), want %d", tt.password, got, strength.Guesses(tt.password, tt.personal), tt.want)
		}
	}
}

// TestCommon: the packed list is the original's, whole and no more.
func TestCommon(t *testing.T) {
	passwords := map[string]bool{}
	for _, word := range frequency.FrequencyLists["passwords"] {
		passwords[strings.ToLower(word)] = true
	}
	for name, list := range frequency.FrequencyLists {
		for _, word := range list {
			if word = strings.ToLower(word); strength.Common(word) != passwords[word] {
				t.Fatalf("%q of %s: common is %t", word, name, !passwords[word])
			}
		}
	}
	for _, other := range []string{"", "\n", "passwor", "Password", "password\n", "password\nx", "correct horse", "zzzzzzzzzzzz", "é"} {
		if strength.Common(other) != passwords[other] {
			t.Errorf("%q: common is %t", other, !passwords[other])
		}
	}
}

func FuzzGuesses(f *testing.F) {
	for _, password := range samples {
		f.Add(password, "Ada")
	}
	f.Fuzz(func(t *testing.T, password, personal string) {
		if len(password) > 32 || len(personal) > 32 {
			return
		}
		if score := strength.Score(password, []string{personal}); score < 0 || score > 4 {
			t.Errorf("%q scores %d", password, score)
		}
		if !strings.ContainsFunc(password+personal, func(r rune) bool { return r < ' ' || r > '~' }) {
			compare(t, password, []string{personal})
		}
	})
}

func BenchmarkScore(b *testing.B) {
	for b.Loop() {
		strength.Score("Tr0ub4dour&3 violet harbour 1991", ada)
	}
}

func BenchmarkOriginal(b *testing.B) {
	for b.Loop() {
		zxcvbn.PasswordStrength("Tr0ub4dour&3 violet harbour 1991", ada)
	}
}
