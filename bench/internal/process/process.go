// Package process starts a server under test and reads what it costs from
// /proc (Linux only). It knows the environment that the conformance suite's
// README promises to servers, and nothing of what they answer.
package process

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Server is a running server under test.
type Server struct {
	Addr string // host:port
	// Ready is the time from the start of the process to its first answer 200.
	Ready time.Duration

	command *exec.Cmd
	exited  chan struct{}
}

// Start runs argv with env added to the environment and waits until url, on a
// free port that argv learns as CONFORMANCE_PORT, answers 200: 30 seconds at
// most.
func Start(ctx context.Context, argv, env []string, path string) (*Server, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	command := exec.Command(argv[0], argv[1:]...)
	command.Env = append(os.Environ(), append(env,
		"CONFORMANCE_PORT="+strconv.Itoa(port),
		"CONFORMANCE_BASE_URL=http://localhost:"+strconv.Itoa(port))...)
	command.Stderr = os.Stderr
	started := time.Now()
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", argv[0], err)
	}
	s := &Server{Addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), command: command, exited: make(chan struct{})}
	go func() {
		_ = command.Wait()
		close(s.exited)
	}()
	if err := s.await(ctx, "http://"+s.Addr+path); err != nil {
		s.Stop()
		return nil, fmt.Errorf("%s: %w", strings.Join(argv, " "), err)
	}
	s.Ready = time.Since(started)
	return s, nil
}

func freePort(ctx context.Context) (int, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func (s *Server) await(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		if answers(ctx, url) {
			return nil
		}
		select {
		case <-s.exited:
			return errors.New("ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("%s did not answer 200 in time", url)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func answers(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// PID is the process id.
func (s *Server) PID() int { return s.command.Process.Pid }

// Stop asks the server to end and, three seconds later, ends it.
func (s *Server) Stop() {
	_ = s.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.exited:
	case <-time.After(3 * time.Second):
		_ = s.command.Process.Kill()
		<-s.exited
	}
}
