package web_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-auth/gatehouse/web"
)

// forms are the plural forms (Unicode CLDR) that a text must have, and rare
// those that it may leave to "other": none at all, and whole millions.
var (
	forms = map[string][]string{
		"en": {"one", "other"}, "de": {"one", "other"}, "es": {"one", "other"}, "fr": {"one", "other"},
		"ar": {"few", "many", "one", "other", "two"}, "ja": {"other"},
	}
	rare = map[string]string{"es": "many", "fr": "many", "ar": "zero"}
)

// has are the forms of a text but the rare one.
func has(plural map[string]any, language string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(plural)), func(form string) bool { return form == rare[language] })
}

// catalogue is a language's texts by section and key.
type catalogue map[string]map[string]any

func read(t *testing.T, language string) catalogue {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("ui", "locales", language+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var c catalogue
	if err := json.Unmarshal(content, &c); err != nil {
		t.Fatalf("%s: %v", language, err)
	}
	return c
}

var placeholder = regexp.MustCompile(`\{\w+\}`)

// names are the {names} of a text, of all its forms together but {count},
// which a form may say in words.
func names(text any) []string {
	found := map[string]bool{}
	add := func(s string) {
		for _, name := range placeholder.FindAllString(s, -1) {
			found[name] = true
		}
	}
	switch text := text.(type) {
	case string:
		add(text)
	case map[string]any:
		for _, form := range text {
			add(form.(string))
		}
		found["{count}"] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// TestCataloguesAreComplete: the same sections, keys and {names} as English,
// no text empty, and the plural forms that the language has.
func TestCataloguesAreComplete(t *testing.T) {
	english := read(t, "en")
	for _, language := range web.Languages {
		theirs := read(t, language)
		for section, texts := range english {
			for key, text := range texts {
				got, ok := theirs[section][key]
				if !ok || got == "" {
					t.Errorf("%s: no text for %s %s", language, section, key)
					continue
				}
				if want := names(text); !slices.Equal(names(got), want) {
					t.Errorf("%s: %s %s has %v, English %v", language, section, key, names(got), want)
				}
				if plural, ok := got.(map[string]any); ok && !slices.Equal(has(plural, language), forms[language]) {
					t.Errorf("%s: %s %s has the forms %v, want %v", language, section, key, has(plural, language), forms[language])
				}
			}
			for key := range theirs[section] {
				if _, ok := texts[key]; !ok {
					t.Errorf("%s: %s %s is not in English", language, section, key)
				}
			}
		}
	}
}

// madeUp are the beginnings of keys that the pages put together.
var madeUp = []string{"error.", "overview.registration.", "event.", "method.", "linked.error."}

// TestEveryTextIsUsed, so that nobody translates in vain.
func TestEveryTextIsUsed(t *testing.T) {
	var sources strings.Builder
	for _, folder := range []string{"ui", "auth", "console"} {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasPrefix(filepath.Ext(path), ".ts") {
				return err
			}
			content, err := os.ReadFile(path)
			sources.Write(content)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for section, texts := range read(t, "en") {
		for key := range texts {
			composed := slices.ContainsFunc(madeUp, func(begin string) bool { return strings.HasPrefix(key, begin) })
			if !composed && !strings.Contains(sources.String(), `"`+key+`"`) {
				t.Errorf("%s %s is used nowhere", section, key)
			}
		}
	}
}
