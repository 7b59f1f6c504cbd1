package lockout

import (
	"context"
	"strconv"
	"strings"

	"github.com/gatehouse-auth/gatehouse"
	"github.com/gatehouse-auth/gatehouse/internal/token"
)

// A browser becomes known to a person when they prove who they are in it: it
// gets a cookie that nobody else can have (OWASP, "Slow down online guessing
// attacks with device cookies"). The cookie is signed and says for each person
// a mark in place of the id, a random device id, new each time, and when it
// was given:
//
//	known~MARK.ID.MILLISECONDS~MARK.ID.MILLISECONDS
type device struct {
	mark, id string
	issuedAt int64 // Unix milliseconds
}

const (
	devicePrefix = "known~"
	// maxPeople share one browser; the one who was there longest ago is
	// forgotten first.
	maxPeople    = 5
	markLength   = 16
	deviceLength = 16
)

// mark stands for a person in cookies.
func (l *Lockouts) mark(userID string) string { return l.keyOf("mark", userID)[:markLength] }

// deviceOf is what the browser brings for a person, zero for nothing: no
// cookie, a forged one, somebody else's, or one that has expired.
func (l *Lockouts) deviceOf(c *gatehouse.Call, userID string) device {
	mark, now := l.mark(userID), l.app.Now()
	for _, d := range parseDevices(c.SignedCookie(l.device)) {
		if d.mark == mark && d.issuedAt > now.Add(-l.options.DeviceTTL).UnixMilli() && d.issuedAt <= now.Add(skew).UnixMilli() {
			return d
		}
	}
	return device{}
}

// parseDevices reads a cookie's value; one that is not of its form is empty.
func parseDevices(value string) []device {
	list, ok := strings.CutPrefix(value, devicePrefix)
	if !ok {
		return nil
	}
	var all []device
	for entry := range strings.SplitSeq(list, "~") {
		parts := strings.Split(entry, ".")
		if len(parts) != 3 || len(parts[0]) != markLength || len(parts[1]) != deviceLength || len(all) == maxPeople {
			return nil
		}
		issuedAt, err := strconv.ParseInt(parts[2], 10, 64)
		if err != nil {
			return nil
		}
		all = append(all, device{mark: parts[0], id: parts[1], issuedAt: issuedAt})
	}
	return all
}

// remember makes the browser known to a person, under a new device id.
func (l *Lockouts) remember(c *gatehouse.Call, userID string) {
	now := device{mark: l.mark(userID), id: token.LowerDigits(l.app.Rand, deviceLength), issuedAt: l.app.Now().UnixMilli()}
	entries := []string{now.String()}
	for _, d := range parseDevices(c.SignedCookie(l.device)) {
		if d.mark != now.mark && len(entries) < maxPeople {
			entries = append(entries, d.String())
		}
	}
	c.SetSignedCookie(l.device, devicePrefix+strings.Join(entries, "~"))
}

func (d device) String() string {
	return d.mark + "." + d.id + "." + strconv.FormatInt(d.issuedAt, 10)
}

// rememberBrowser makes the browser known where a session follows a right
// attempt in the same request: a password alone does not do where a second
// factor is asked for.
func (l *Lockouts) rememberBrowser(c *gatehouse.Call, _ *gatehouse.Session, u *gatehouse.User) {
	if passed, _ := c.Value(passedKey{}).(string); passed != "" && passed == u.ID {
		l.remember(c, u.ID)
	}
}

// passwordSet clears the locks on the old password, and forgets the browsers
// that knew it: among them may be that of whoever made the change necessary.
func (l *Lockouts) passwordSet(ctx context.Context, userID string) error {
	user, err := l.app.Users.ByID(ctx, userID)
	if err != nil {
		return wrapped("read user", err)
	}
	if err := l.clearPassword(ctx, user, "password-set"); err != nil {
		return err
	}
	row := &counter{Key: l.keyOf(kindPassword, userID), Kind: kindPassword, UserID: &userID, State: counting, LastAt: l.app.Now().UnixMilli()}
	if _, err = l.setPassword.Run(ctx, row); err != nil {
		return wrapped("forget browsers", err)
	}
	// The browser in which the owner changed it knows the new one.
	if c := gatehouse.CallFrom(ctx); c != nil && c.User() != nil && c.User().ID == userID {
		l.remember(c, userID)
	}
	return nil
}

func (l *Lockouts) forgetUser(ctx context.Context, user *gatehouse.User) error {
	_, err := l.dropUser.Run(ctx, user.ID)
	return wrapped("forget attempts", err)
}
