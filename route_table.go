package gatehouse

import (
	"fmt"
	"net/url"
	"strings"
)

// routeTable finds an operation by method and path: one map look-up for fixed
// paths, a short scan for those with parameters.
type routeTable struct {
	fixed    map[string]*Route // "POST /sign-in/email"
	patterns []*Route
	owners   map[string]string // route key → plugin, for messages
	all      []*Route
}

func newRouteTable() *routeTable {
	return &routeTable{fixed: map[string]*Route{}, owners: map[string]string{}}
}

func (t *routeTable) add(plugin string, routes []Route) error {
	for i := range routes {
		route := &routes[i]
		if err := route.prepare(); err != nil {
			return fmt.Errorf("plugin %s: %w", plugin, err)
		}
		key := route.Op.Method + " " + route.Op.Path
		if owner, taken := t.owners[key]; taken {
			return fmt.Errorf("plugins %s and %s both have %s: remove one of them", owner, plugin, key)
		}
		t.owners[key] = plugin
		t.all = append(t.all, route)
		if strings.Contains(route.Op.Path, "/:") {
			t.patterns = append(t.patterns, route)
		} else {
			t.fixed[key] = route
		}
	}
	return nil
}

// check refuses routes that nobody guards.
func (t *routeTable) check(hasAuthority bool) error {
	for _, route := range t.all {
		op := route.Op
		switch {
		case op.Access.kind == accessUnset:
			return fmt.Errorf("operation %s (%s %s) has no Access: say who may call it", op.ID, op.Method, op.Path)
		case op.Access.kind == accessCan && !hasAuthority:
			return fmt.Errorf("operation %s needs %s, but no plugin answers permission questions: add plugins/admin", op.ID, op.Access)
		case op.Access.proofWithin > 0 && op.Access.kind == accessPublic:
			return fmt.Errorf("operation %s is public, so there is nobody to ask for a fresh proof", op.ID)
		}
	}
	return nil
}

// find returns the route of a request. path is escaped, as it came.
func (t *routeTable) find(method, path string) (*Route, map[string]string) {
	if route, ok := t.fixed[method+" "+path]; ok {
		return route, nil
	}
	for _, route := range t.patterns {
		if route.Op.Method == method {
			if params, ok := match(route.Op.Path, path); ok {
				return route, params
			}
		}
	}
	return nil, nil
}

func match(pattern, path string) (map[string]string, bool) {
	params := map[string]string{}
	for {
		var want, have string
		want, pattern, _ = strings.Cut(strings.TrimPrefix(pattern, "/"), "/")
		have, path, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
		if name, ok := strings.CutPrefix(want, ":"); ok {
			value, err := url.PathUnescape(have)
			if have == "" || err != nil {
				return nil, false
			}
			params[name] = value
		} else if want != have {
			return nil, false
		}
		if pattern == "" || path == "" {
			return params, pattern == path
		}
	}
}

// Routes lists every operation, for documents and tests that walk them all.
func (a *App) Routes() []Route {
	routes := make([]Route, len(a.routes.all))
	for i, r := range a.routes.all {
		routes[i] = *r
	}
	return routes
}
