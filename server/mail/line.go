package mail

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
)

// line is the one connection of a delivery, kept in sight so that it can be
// closed from outside.
type line struct {
	tls      *tls.Config
	implicit bool

	mu     sync.Mutex
	conn   net.Conn
	closed bool
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	} = &net.Dialer{}
	if l.implicit {
		dialer = &tls.Dialer{Config: l.tls}
	}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		conn.Close()
		return nil, net.ErrClosed
	}
	l.conn = conn
	return conn, nil
}

// close may be called more than once and at any time.
func (l *line) close() {
	l.mu.Lock()
	conn := l.conn
	l.conn, l.closed = nil, true
	l.mu.Unlock()
	if tlsConn, ok := conn.(*tls.Conn); ok {
		conn = tlsConn.NetConn() // a TLS close waits for a blocked write
	}
	if conn != nil {
		conn.Close()
	}
}
