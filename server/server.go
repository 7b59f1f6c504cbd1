package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
)

// Server is a House with a listener. New makes one, Serve runs it.
type Server struct {
	House *House

	log      *slog.Logger
	post     *post
	listener net.Listener
	http     *http.Server
	draining atomic.Bool

	registration, firstAdmin string // see Started
}

// Started is what a server tells about itself.
type Started struct {
	Listen   string // the address in use
	BaseURL  string
	Database string // "sqlite FILE" or "postgres HOST/NAME"
	Mail     string
	// Registration is who may have an account, in words.
	Registration string
	// FirstAdmin is a link that makes one person the first administrator: a
	// secret, for who runs the server. Empty when there is an administrator.
	FirstAdmin string
}

// New listens, then makes what is missing (see ToServe) and builds the App.
// Connections wait until Serve.
func New(ctx context.Context, o *Options, log *slog.Logger) (_ *Server, err error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &Server{log: log, listener: listener}
	if err := s.build(ctx, o); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return s, nil
}

func (s *Server) build(ctx context.Context, o *Options) (err error) {
	settled := *o
	settled.BaseURL = o.publicURL(strconv.Itoa(s.listener.Addr().(*net.TCPAddr).Port))
	if s.post, err = newPost(&settled, s.log); err != nil {
		return err
	}
	if s.post.sender == nil {
		s.House, err = open(ctx, o, ToServe, s.log, settled.BaseURL, nil)
	} else {
		s.House, err = open(ctx, o, ToServe, s.log, settled.BaseURL, s.post)
	}
	if err != nil {
		return err
	}
	if s.registration, s.firstAdmin, err = s.House.admission(ctx); err != nil {
		return errors.Join(err, s.House.Close())
	}
	handler, err := s.handler()
	if err != nil {
		return errors.Join(err, s.House.Close())
	}
	limits := &settled.Limits
	s.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: limits.ReadHeaderTimeout,
		ReadTimeout:       limits.ReadTimeout,
		WriteTimeout:      limits.WriteTimeout,
		IdleTimeout:       limits.IdleTimeout,
		MaxHeaderBytes:    limits.MaxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	return nil
}

// Started tells where the server is reached, where its mail goes and who may
// register.
func (s *Server) Started() Started {
	return Started{
		Listen: s.listener.Addr().String(), BaseURL: s.House.Options.BaseURL,
		Database: s.House.Kind + " " + s.House.Place, Mail: s.post.where,
		Registration: s.registration, FirstAdmin: s.firstAdmin,
	}
}

// Serve answers until ctx ends, lets running requests finish within
// Limits.ShutdownTimeout, and closes everything. It returns nil after an
// orderly end.
func (s *Server) Serve(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(s.listener) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		err = s.drain()
	}
	return errors.Join(err, s.House.ready.close(), s.House.Close())
}

// drain stops listening at once and waits for what is running.
func (s *Server) drain() error {
	s.draining.Store(true)
	limit := s.House.Options.Limits.ShutdownTimeout
	s.log.Info("stopping", "within", limit)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("requests were cut off", "after", limit)
		return s.http.Close()
	}
	return err
}
