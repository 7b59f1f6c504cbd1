package gatehouse

import "context"

// Origin says how an account comes to be.
type Origin struct {
	// Method is the way: "password", "social", "admin", "import", "scim", ….
	Method string
	// Actor is who makes the account for somebody else: an administrator's id,
	// or System. "" is a person who registers.
	Actor string
}

type originKey struct{}

// WithOrigin says how the users come to be that are created with the context.
// Every way to an account says so: sign-up names its method, an administrator
// names himself.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginOf is what WithOrigin said. Where nobody said: who passed a permission
// check creates for others, any other request is a person who registers, and
// outside of a request it is the program's own doing.
func OriginOf(ctx context.Context) Origin {
	if o, ok := ctx.Value(originKey{}).(Origin); ok {
		return o
	}
	c := CallFrom(ctx)
	switch {
	case c == nil:
		return Origin{Method: "program", Actor: System}
	case c.op.Access.kind == accessCan && c.user != nil:
		return Origin{Method: c.op.ID, Actor: c.user.ID}
	default:
		return Origin{Method: c.op.ID}
	}
}

// Registrar decides who may register; one plugin at most. It holds the rule
// again when the record is made, whatever a sign-up method did: this is for
// answers that tell nothing of stored accounts.
type Registrar interface {
	// Register is asked by every sign-up method before it looks the address up.
	// It refuses with an *Error. waits: the account will wait for a decision,
	// so the sign-up commits it, signs nobody in, and answers alike whether or
	// not the address has an account already.
	Register(ctx context.Context, email string) (waits bool, err error)
}

// Foreseer is what a Registrar may offer besides: what a person who registers
// will get, for rules that are asked before the account is made.
type Foreseer interface {
	// Foresee fills in columns of user, who is not stored. Nothing is used up.
	Foresee(ctx context.Context, user *User) error
}

// Register asks whether a person may register with an address; without a
// Registrar everybody may.
func (a *App) Register(ctx context.Context, email string) (waits bool, err error) {
	if a.registrar == nil {
		return false, nil
	}
	return a.registrar.Register(ctx, email)
}

type saidKey struct{}

// WithSaid gives the members that a person sent for a registration (a reason,
// an invitation's secret) where they do not stand in the request's own body.
func WithSaid(ctx context.Context, said map[string]any) context.Context {
	return context.WithValue(ctx, saidKey{}, said)
}

// Said is a text that the person sent for the registration: what WithSaid
// gave, else the member of the request's body.
func Said(ctx context.Context, name string) (string, bool) {
	if said, ok := ctx.Value(saidKey{}).(map[string]any); ok {
		text, ok := said[name].(string)
		return text, ok
	}
	if c := CallFrom(ctx); c != nil {
		return c.BodyText(name)
	}
	return "", false
}
