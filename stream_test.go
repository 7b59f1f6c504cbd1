package gatehouse_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/gatehousetest"
)

// river answers GET /river with what its function writes.
type river struct{ write func(io.Writer) error }

func (r river) Plug(*gatehouse.App) (gatehouse.Parts, error) {
	op := gatehouse.Op{ID: "river", Method: http.MethodGet, Path: "/river", Access: gatehouse.Public}
	return gatehouse.Parts{ID: "river", Routes: []gatehouse.Route{
		gatehouse.Endpoint(op, func(*gatehouse.Call, struct{}) (gatehouse.Stream, error) {
			return gatehouse.Stream{ContentType: "text/plain", Filename: `a "b".txt`, Write: r.write}, nil
		}),
	}}, nil
}

// follow serves a river on a real connection and asks for it.
func follow(t *testing.T, write func(io.Writer) error) *http.Response {
	t.Helper()
	house := gatehousetest.New(t, river{write})
	server := httptest.NewUnstartedServer(house)
	server.Config.WriteTimeout = time.Nanosecond // over before anything is written
	server.Config.ErrorLog = nil
	server.Start()
	t.Cleanup(server.Close)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/auth/river", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	return answer
}

// TestStreamIsSentAsItIsMade: the second piece is made when the first has
// arrived, and the server's limit for short answers does not end it.
func TestStreamIsSentAsItIsMade(t *testing.T) {
	arrived := make(chan struct{})
	piece := strings.Repeat("x", 64<<10)
	answer := follow(t, func(w io.Writer) error {
		_, err := io.WriteString(w, piece)
		<-arrived
		_, last := io.WriteString(w, "end")
		return errors.Join(err, last)
	})
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/plain" || answer.Header.Get("Content-Disposition") != `attachment; filename="a \"b\".txt"` {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
	if _, err := io.ReadFull(answer.Body, make([]byte, len(piece)/2)); err != nil {
		t.Fatal(err)
	}
	close(arrived)
	rest, err := io.ReadAll(answer.Body)
	if err != nil || string(rest) != piece[:len(piece)/2]+"end" {
		t.Errorf("the rest is %d bytes, %v", len(rest), err)
	}
}

// TestBrokenStreamDoesNotLookWhole: a file that ends early must not pass for
// all there is.
func TestBrokenStreamDoesNotLookWhole(t *testing.T) {
	answer := follow(t, func(w io.Writer) error {
		_, err := io.WriteString(w, strings.Repeat("x", 64<<10))
		return errors.Join(err, errors.New("the database went away"))
	})
	if body, err := io.ReadAll(answer.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d bytes, %v", len(body), err)
	}
}

func TestStreamThatCannotBeginIsAnError(t *testing.T) {
	refusal := gatehouse.ErrUnavailable
	house := gatehousetest.New(t, river{func(io.Writer) error { return refusal.Because(errors.New("busy")) }})
	answer := house.Get("/river").Expect(gatehousetest.Fails(refusal))
	if answer.Header.Get("Content-Disposition") != "" {
		t.Errorf("an error is a file: %v", answer.Header)
	}
	house = gatehousetest.New(t, river{func(io.Writer) error { return nil }})
	if answer := house.Get("/river"); answer.Status != http.StatusOK || len(answer.Body) != 0 || answer.Header.Get("Content-Type") != "text/plain" {
		t.Errorf("an empty one: %d %q %v", answer.Status, answer.Body, answer.Header)
	}
}
