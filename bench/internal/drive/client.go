package drive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// client is one keep-alive connection. It writes prepared bytes, so that the
// load costs the machine far less than the server under test.
type client struct {
	addr  string
	drain time.Duration // after the deadline of the load
	want  []byte        // in the body of an answer 200
	conn  net.Conn
	in    *bufio.Reader
	body  bytes.Buffer // of the last answer
}

type answer struct {
	status     int
	retryAfter time.Duration // 0 when the answer does not say
}

// do sends one request and reads its answer to the end. A connection that the
// server has closed between two requests is opened again, once.
func (c *client) do(ctx context.Context, request []byte) (answer, error) {
	fresh := c.conn == nil
	a, err := c.try(ctx, request)
	if !fresh && errors.Is(err, errClosed) && !timedOut(err) {
		a, err = c.try(ctx, request)
	}
	return a, err
}

// timedOut tells whether err comes from a deadline: that of the load or of its drain.
func timedOut(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

var errClosed = errors.New("connection closed before the answer")

func (c *client) try(ctx context.Context, request []byte) (answer, error) {
	if err := c.open(ctx); err != nil {
		return answer{}, err
	}
	if _, err := c.conn.Write(request); err != nil {
		c.close()
		return answer{}, fmt.Errorf("%w: %w", errClosed, err)
	}
	if _, err := c.in.Peek(1); err != nil {
		c.close()
		return answer{}, fmt.Errorf("%w: %w", errClosed, err)
	}
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		c.close()
		return answer{}, fmt.Errorf("read answer: %w", err)
	}
	c.body.Reset()
	_, err = c.body.ReadFrom(response.Body)
	_ = response.Body.Close()
	if err != nil || response.Close {
		c.close()
	}
	if err != nil {
		return answer{}, fmt.Errorf("read body: %w", err)
	}
	if response.StatusCode == http.StatusOK && !bytes.Contains(c.body.Bytes(), c.want) {
		return answer{}, fmt.Errorf("no %q in %q", c.want, c.body.Bytes())
	}
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
	return answer{response.StatusCode, time.Duration(seconds) * time.Second}, nil
}

func (c *client) open(ctx context.Context) error {
	if c.conn != nil {
		return nil
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", c.addr)
	if err != nil {
		return fmt.Errorf("dial: %w", err)
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline.Add(c.drain)); err != nil {
			return fmt.Errorf("set deadline: %w", err)
		}
	}
	c.conn, c.in = conn, bufio.NewReaderSize(conn, 8<<10)
	return nil
}

func (c *client) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}
