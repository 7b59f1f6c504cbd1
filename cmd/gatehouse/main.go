// Command gatehouse is the authentication server and the tool for its data.
// Each command is a struct in a file of its own; what they do is in package
// server. Read serve.go first.
//
// Exit codes: 0 done, 1 failed, 2 used wrongly.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/gatehouse-auth/gatehouse/server"
)

// The exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
)

// commands is the command line.
type commands struct {
	Settings

	Serve    serveCommand    `cmd:"" help:"Run the server."`
	Migrate  migrateCommand  `cmd:"" help:"Compare the database with this version, and bring it up to date."`
	User     userCommand     `cmd:"" help:"Create, list and delete users, and set passwords."`
	Session  sessionCommand  `cmd:"" help:"List and revoke the sessions of a user."`
	Approval approvalCommand `cmd:"" help:"Decide who may come in."`
	Invite   inviteCommand   `cmd:"" help:"Invite people to make an account."`
	Lock     lockCommand     `cmd:"" help:"List and clear locks after too many failed sign-ins."`
	Policy   policyCommand   `cmd:"" help:"Show the rules in force."`
	Mail     mailCommand     `cmd:"" help:"Look at the outbox."`
	Audit    auditCommand    `cmd:"" help:"Verify, list, follow, export and prune the audit log."`
	Secret   secretCommand   `cmd:"" help:"Print a new strong secret."`
	Config   configCommand   `cmd:"" help:"Print or check the configuration."`
	Doctor   doctorCommand   `cmd:"" help:"Check the configuration against production practice."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// Settings say where options come from: they hold for every command.
type Settings struct {
	File string            `name:"config" short:"c" placeholder:"FILE" env:"GATEHOUSE_CONFIG" help:"Configuration file. Default: gatehouse.yaml, if there is one."`
	Data string            `placeholder:"FOLDER" help:"Folder of the embedded database and the secret (option data)."`
	Set  map[string]string `placeholder:"OPTION=VALUE" mapsep:"none" help:"Set any option, such as --set session.expiresIn=1d. May be repeated."`
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	// The first signal asks; the second ends the process.
	context.AfterFunc(ctx, stop)

	var line commands
	exit := -1
	parser := kong.Must(&line,
		kong.Name("gatehouse"),
		kong.Description("Authentication and user management that speaks the better-auth protocol.\n\nExit codes: 0 done, 1 failed, 2 used wrongly."),
		kong.UsageOnError(),
		kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
	)
	chosen, err := parser.Parse(args)
	if exit >= 0 {
		return exit // help was asked for
	}
	if err != nil {
		complain(err)
		fmt.Fprintln(os.Stderr, "gatehouse: see gatehouse --help")
		return exitUsage
	}
	console := &console{in: os.Stdin, out: os.Stdout, settings: &line.Settings}
	chosen.BindTo(ctx, (*context.Context)(nil))
	chosen.Bind(console)
	if err := chosen.Run(); err != nil {
		if !errors.Is(err, errSaid) {
			complain(err)
		}
		return exitFailed
	}
	return 0
}

// errSaid ends a command whose output tells already what is wrong.
var errSaid = errors.New("failed")

func complain(err error) {
	for text := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(os.Stderr, "gatehouse: "+strings.TrimPrefix(text, "gatehouse: "))
	}
}

// console is where a command reads and writes.
type console struct {
	in       *os.File
	out      io.Writer
	settings *Settings
}

// load reads the configuration, with flags of the command on top.
func (c *console) load(flags map[string]string) (*server.Loaded, error) {
	all := map[string]string{}
	if c.settings.Data != "" {
		all["data"] = c.settings.Data
	}
	for path, value := range c.settings.Set {
		all[path] = value
	}
	for path, value := range flags {
		all[path] = value
	}
	return server.Load(server.Source{File: c.settings.File, Flags: all})
}

// open opens the database for a command.
func (c *console) open(ctx context.Context, purpose server.Purpose) (*server.House, error) {
	o, err := c.load(nil)
	if err != nil {
		return nil, err
	}
	return server.Open(ctx, o.Options, purpose, o.NewLogger(os.Stderr, isTerminal(os.Stderr)))
}

// manage opens the database, runs do and closes it again.
func (c *console) manage(ctx context.Context, do func(*server.House) error) error {
	return c.with(ctx, server.ToManage, do)
}

func (c *console) with(ctx context.Context, purpose server.Purpose, do func(*server.House) error) error {
	house, err := c.open(ctx, purpose)
	if err != nil {
		return err
	}
	return errors.Join(do(house), house.Close())
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
