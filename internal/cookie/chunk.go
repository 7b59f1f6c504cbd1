package cookie

import (
	"sort"
	"strconv"
	"strings"
)

const (
	maxSizeBytes = 4050 // of one Set-Cookie value; Safari keeps about 4093
	maxChunks    = 100
)

// Split returns c alone if its Set-Cookie value fits into 4050 bytes, else
// the chunks name.0, name.1 … of equal size, the last one shorter. It returns
// nil when that would take more than 100 chunks. The value must need no
// escaping (base64url does not).
func Split(c Cookie) []Cookie {
	bare := c
	bare.Name, bare.Value = c.Name+".99", ""
	size := maxSizeBytes - len(bare.String())
	if size <= 0 {
		return nil
	}
	count := (len(c.Value) + size - 1) / size
	if count <= 1 {
		return []Cookie{c}
	}
	if count > maxChunks {
		return nil
	}
	chunks := make([]Cookie, count)
	for i := range chunks {
		chunks[i] = c
		chunks[i].Name = c.Name + "." + strconv.Itoa(i)
		chunks[i].Value = c.Value[i*size : min((i+1)*size, len(c.Value))]
	}
	return chunks
}

// Join returns the value that Split cut up: the unchunked cookie if it is
// there and not empty, else the chunks in the order of their index. The value
// is empty if there is neither. chunks lists every name received that holds
// the value or a part of it, in header order: what a later write has to
// expire.
func (j Jar) Join(name string) (value string, chunks []string) {
	if !strings.Contains(j.header, name) {
		return "", nil
	}
	type part struct {
		index int
		name  string
	}
	var parts []part
	for _, n := range j.Names() {
		index, ok := chunkIndex(name, n)
		if ok {
			parts = append(parts, part{index, n})
		}
		if ok || n == name {
			chunks = append(chunks, n)
		}
	}
	if whole, ok := j.First(name); ok && whole != "" {
		return whole, chunks
	}
	sort.SliceStable(parts, func(a, b int) bool { return parts[a].index < parts[b].index })
	var joined strings.Builder
	for _, p := range parts {
		v, _ := j.Last(p.name)
		joined.WriteString(v)
	}
	return joined.String(), chunks
}

// Rewrite returns the cookies to send so that the browser holds c and nothing
// of an earlier form: every name of received that c does not use again is
// expired in its old place, then come the new names. With a c that is too
// large to split only the expiries remain.
func Rewrite(received []string, c Cookie) []Cookie {
	fresh := Split(c)
	out := make([]Cookie, 0, len(received)+len(fresh))
	for _, name := range received {
		old := c.Expired()
		old.Name = name
		for i, f := range fresh {
			if f.Name == name {
				old = f
				fresh = append(fresh[:i:i], fresh[i+1:]...)
				break
			}
		}
		out = append(out, old)
	}
	return append(out, fresh...)
}

// chunkIndex reads the n of "name.n", written without sign or leading zero.
func chunkIndex(name, chunk string) (int, bool) {
	if len(chunk) < len(name)+2 || !strings.HasPrefix(chunk, name) || chunk[len(name)] != '.' {
		return 0, false
	}
	digits := chunk[len(name)+1:]
	n, err := strconv.Atoi(digits)
	return n, err == nil && n >= 0 && strconv.Itoa(n) == digits
}
