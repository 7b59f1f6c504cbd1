package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// maxPasswordBytes bounds what is read as a password.
const maxPasswordBytes = 4096

// password reads a new one: from stdin when told to, else twice from the
// terminal. There is no way to give it as an argument, where every process on
// the machine could read it.
func (c *console) password(fromStdin bool) (string, error) {
	if fromStdin {
		return c.passwordFromStdin()
	}
	if !isTerminal(c.in) {
		return "", errors.New("no terminal to ask on: give the password on stdin with --password-stdin")
	}
	first, err := c.ask("New password: ")
	if err != nil {
		return "", err
	}
	second, err := c.ask("Once more: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("the two passwords differ")
	}
	return first, nil
}

func (c *console) passwordFromStdin() (string, error) {
	raw, err := io.ReadAll(io.LimitReader(c.in, maxPasswordBytes+1))
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
	switch {
	case len(raw) == 0:
		return "", errors.New("the password on stdin is empty")
	case len(raw) > maxPasswordBytes:
		return "", errors.New("the password on stdin is too long")
	case bytes.ContainsAny(raw, "\r\n"):
		return "", errors.New("the password on stdin has more than one line")
	}
	return string(raw), nil
}

// ask prompts on the terminal without showing what is typed.
func (c *console) ask(prompt string) (string, error) {
	fmt.Fprint(os.Stderr, prompt)
	defer fmt.Fprintln(os.Stderr)
	raw, err := term.ReadPassword(int(c.in.Fd()))
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return string(raw), nil
}

// confirm asks before something that cannot be undone.
func (c *console) confirm(yes bool, question string) error {
	if yes {
		return nil
	}
	if !isTerminal(c.in) {
		return errors.New("no terminal to ask on: confirm with --yes")
	}
	fmt.Fprintf(os.Stderr, "%s [y/N] ", question)
	var answer string
	if _, err := fmt.Fscanln(c.in, &answer); err != nil || !strings.EqualFold(answer, "y") && !strings.EqualFold(answer, "yes") {
		return errors.New("nothing was done")
	}
	return nil
}
