package storetest

import (
	"testing"
	"time"

	"github.com/gatehouse-auth/gatehouse/store"
)

// foreign is a database as another program makes it, with one user, one
// session and one rate limit of its own.
type foreign struct {
	name   string
	kind   string
	naming store.Naming
	ddl    []string
	userID string
	// stored reads back, as text, how the session's expiry and the user's flag
	// that we wrote are kept.
	stored string
	want   string
}

const aDay = 24 * time.Hour

var foreigners = []foreign{
	{
		name: "Kysely on SQLite", kind: "sqlite", userID: "0AVKJjkVyR21wNW9148etaiGWiTuqlHz",
		ddl: []string{
			`create table "user" ("id" text not null primary key, "name" text not null, "email" text not null unique,
				"emailVerified" integer not null, "image" text, "createdAt" date not null, "updatedAt" date not null, "role" text)`,
			`create table "session" ("id" text not null primary key, "expiresAt" date not null, "token" text not null unique,
				"createdAt" date not null, "updatedAt" date not null, "ipAddress" text, "userAgent" text,
				"userId" text not null references "user" ("id") on delete cascade)`,
			`create table "rateLimit" ("id" text not null primary key, "key" text not null unique, "count" integer not null, "lastRequest" bigint not null)`,
			`create index "session_userId_idx" on "session" ("userId")`,
			`insert into "user" values ('0AVKJjkVyR21wNW9148etaiGWiTuqlHz', 'Ada', 'ada@example.com', 1, null, '2026-11-23T12:00:00.120Z', '2026-11-23T12:00:00.120Z', 'admin')`,
			`insert into "session" values ('s', '2026-11-30T19:59:05.596Z', 'token', '2026-11-23T12:00:00.120Z', '2026-11-23T12:00:00.120Z', '', '', '0AVKJjkVyR21wNW9148etaiGWiTuqlHz')`,
		},
		stored: `SELECT "expiresAt" || ' ' || typeof("expiresAt") || ' ' || "emailVerified" FROM "session" JOIN "user" u ON u.id = "userId" WHERE token = 'ours'`,
		want:   "2026-11-23T12:00:00.123Z text 0",
	},
	{
		name: "Drizzle on SQLite", kind: "sqlite", naming: store.Naming{Style: store.Snake}, userID: "u1",
		ddl: []string{
			"CREATE TABLE `user` (`id` text PRIMARY KEY NOT NULL, `name` text NOT NULL, `email` text NOT NULL, `email_verified` integer DEFAULT false NOT NULL, " +
				"`image` text, `created_at` integer DEFAULT (cast(unixepoch('subsecond') * 1000 as integer)) NOT NULL, `updated_at` integer NOT NULL, `role` text)",
			"CREATE UNIQUE INDEX `user_email_unique` ON `user` (`email`)",
			"CREATE TABLE `session` (`id` text PRIMARY KEY NOT NULL, `expires_at` integer NOT NULL, `token` text NOT NULL, `created_at` integer NOT NULL, " +
				"`updated_at` integer NOT NULL, `ip_address` text, `user_agent` text, `user_id` text NOT NULL, " +
				"FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE cascade)",
			"CREATE UNIQUE INDEX `session_token_unique` ON `session` (`token`)",
			"CREATE INDEX `session_userId_idx` ON `session` (`user_id`)",
			"CREATE TABLE `rate_limit` (`id` text PRIMARY KEY NOT NULL, `key` text NOT NULL UNIQUE, `count` integer NOT NULL, `last_request` integer NOT NULL)",
			"INSERT INTO user VALUES ('u1', 'Ada', 'ada@example.com', 1, NULL, 1795435200120, 1795435200120, 'admin')",
			"INSERT INTO session VALUES ('s', 1796068745596, 'token', 1795435200120, 1795435200120, '', '', 'u1')",
		},
		stored: `SELECT expires_at || ' ' || typeof(expires_at) || ' ' || email_verified FROM session JOIN user u ON u.id = user_id WHERE token = 'ours'`,
		want:   "1795435200123 integer 0",
	},
	{
		name: "Kysely on PostgreSQL", kind: "postgres", userID: "0AVKJjkVyR21wNW9148etaiGWiTuqlHz",
		ddl: []string{
			`create table "user" ("id" text not null primary key, "name" text not null, "email" text not null unique, "emailVerified" boolean not null,
				"image" text, "createdAt" timestamptz default CURRENT_TIMESTAMP not null, "updatedAt" timestamptz default CURRENT_TIMESTAMP not null, "role" text)`,
			`create table "session" ("id" text not null primary key, "expiresAt" timestamptz not null, "token" text not null unique,
				"createdAt" timestamptz default CURRENT_TIMESTAMP not null, "updatedAt" timestamptz not null, "ipAddress" text, "userAgent" text,
				"userId" text not null references "user" ("id") on delete cascade)`,
			`create table "rateLimit" ("id" text not null primary key, "key" text not null unique, "count" integer not null, "lastRequest" bigint not null)`,
			`create index "session_userId_idx" on "session" ("userId")`,
			`insert into "user" values ('0AVKJjkVyR21wNW9148etaiGWiTuqlHz', 'Ada', 'ada@example.com', true, null, '2026-11-23T12:00:00.120Z', '2026-11-23T12:00:00.120Z', 'admin')`,
			`insert into "session" values ('s', '2026-11-30T19:59:05.596Z', 'token', '2026-11-23T12:00:00.120Z', '2026-11-23T12:00:00.120Z', '', '', '0AVKJjkVyR21wNW9148etaiGWiTuqlHz')`,
		},
		stored: `SELECT ("expiresAt" AT TIME ZONE 'UTC')::text || ' ' || "emailVerified" FROM "session" JOIN "user" u ON u.id = "userId" WHERE token = 'ours'`,
		want:   "2026-11-23 12:00:00.123 false",
	},
	{
		name: "Drizzle on PostgreSQL", kind: "postgres", naming: store.Naming{Style: store.Snake}, userID: "u1",
		ddl: []string{
			`CREATE TABLE "user" ("id" text PRIMARY KEY NOT NULL, "name" text NOT NULL, "email" text NOT NULL, "email_verified" boolean DEFAULT false NOT NULL,
				"image" text, "created_at" timestamp DEFAULT now() NOT NULL, "updated_at" timestamp DEFAULT now() NOT NULL, "role" text,
				CONSTRAINT "user_email_unique" UNIQUE("email"))`,
			`CREATE TABLE "session" ("id" text PRIMARY KEY NOT NULL, "expires_at" timestamp NOT NULL, "token" text NOT NULL, "created_at" timestamp NOT NULL,
				"updated_at" timestamp NOT NULL, "ip_address" text, "user_agent" text, "user_id" text NOT NULL REFERENCES "user"("id") ON DELETE cascade,
				CONSTRAINT "session_token_unique" UNIQUE("token"))`,
			`CREATE INDEX "session_userId_idx" ON "session" USING btree ("user_id")`,
			`CREATE TABLE "rate_limit" ("id" text PRIMARY KEY NOT NULL, "key" text NOT NULL UNIQUE, "count" integer NOT NULL, "last_request" bigint NOT NULL)`,
			`INSERT INTO "user" VALUES ('u1', 'Ada', 'ada@example.com', true, NULL, '2026-11-23 12:00:00.120', '2026-11-23 12:00:00.120', 'admin')`,
			`INSERT INTO session VALUES ('s', '2026-11-30 19:59:05.596', 'token', '2026-11-23 12:00:00.12', '2026-11-23 12:00:00.12', '', '', 'u1')`,
		},
		stored: `SELECT expires_at::text || ' ' || email_verified FROM session JOIN "user" u ON u.id = user_id WHERE token = 'ours'`,
		want:   "2026-11-23 12:00:00.123 false",
	},
	{
		name: "UUIDs, plurals and varchar on PostgreSQL", kind: "postgres", naming: store.Naming{Style: store.SnakePlural},
		userID: "6f1d7c1e-54a1-4d0e-9a43-0123456789ab",
		ddl: []string{
			`CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name varchar(20) NOT NULL, email varchar(255) NOT NULL UNIQUE,
				email_verified boolean NOT NULL DEFAULT false, image varchar(255), created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, role varchar(16))`,
			`CREATE TABLE sessions (id uuid PRIMARY KEY, expires_at timestamptz NOT NULL, token varchar(255) NOT NULL UNIQUE, created_at timestamptz NOT NULL,
				updated_at timestamptz NOT NULL, ip_address varchar(45), user_agent varchar(8), user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE)`,
			`CREATE INDEX ON sessions (user_id)`,
			`CREATE TABLE rate_limits (id uuid PRIMARY KEY, key varchar(255) NOT NULL UNIQUE, count integer NOT NULL, last_request bigint NOT NULL)`,
			`INSERT INTO users VALUES ('6f1d7c1e-54a1-4d0e-9a43-0123456789ab', 'Ada', 'ada@example.com', true, NULL, '2026-11-23T12:00:00.120Z', '2026-11-23T12:00:00.120Z', 'admin')`,
			`INSERT INTO sessions VALUES (gen_random_uuid(), '2026-11-30T19:59:05.596Z', 'token', '2026-11-23T12:00:00.120Z', '2026-11-23T12:00:00.120Z', '', '', '6f1d7c1e-54a1-4d0e-9a43-0123456789ab')`,
		},
		stored: `SELECT (expires_at AT TIME ZONE 'UTC')::text || ' ' || email_verified || ' ' || user_agent FROM sessions JOIN users u ON u.id = user_id WHERE token = 'ours'`,
		want:   "2026-11-23 12:00:00.123 false Mozilla/",
	},
	{
		name: "serial ids on PostgreSQL", kind: "postgres", naming: store.Naming{Style: store.Snake}, userID: "1",
		ddl: []string{
			`CREATE TABLE "user" (id serial PRIMARY KEY, name text NOT NULL, email citext_or_text NOT NULL UNIQUE, email_verified smallint NOT NULL,
				image text, created_at bigint NOT NULL, updated_at text NOT NULL, role text)`,
			`CREATE TABLE session (id serial PRIMARY KEY, expires_at timestamp NOT NULL, token text NOT NULL UNIQUE, created_at timestamptz NOT NULL,
				updated_at timestamp NOT NULL, ip_address text, user_agent text, user_id integer NOT NULL REFERENCES "user" (id) ON DELETE CASCADE)`,
			`CREATE INDEX ON session (user_id)`,
			`CREATE TABLE rate_limit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL UNIQUE, count numeric NOT NULL, last_request double precision NOT NULL)`,
			`INSERT INTO "user" VALUES (DEFAULT, 'Ada', 'ada@example.com', 1, NULL, 1795435200120, '2026-11-23T12:00:00.120Z', 'admin')`,
			`INSERT INTO session VALUES (DEFAULT, '2026-11-30 19:59:05.596', 'token', '2026-11-23T12:00:00.120Z', '2026-11-23T12:00:00.120Z', '', '', 1)`,
		},
		stored: `SELECT expires_at::text || ' ' || email_verified || ' ' || u.created_at || ' ' || u.updated_at FROM session JOIN "user" u ON u.id = user_id WHERE token = 'ours'`,
		want:   "2026-11-23 12:00:00.123 0 1795435200123 2026-11-23T12:00:00.123Z",
	},
}

// testForeignDatabases serves them as they are: nothing to apply, everything
// readable, and what we write is what they write.
func testForeignDatabases(t *testing.T, open Open) {
	kind := open(t, store.Options{}).Kind()
	for _, f := range foreigners {
		if f.kind != kind {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			db := open(t, store.Options{Naming: f.naming})
			if f.kind == "postgres" {
				// A domain, as some people declare addresses.
				exec(t, db.SQL(), "CREATE DOMAIN citext_or_text AS text CHECK (value LIKE '%@%')")
			}
			exec(t, db.SQL(), f.ddl...)
			f.check(t, declare(db))
		})
	}
}

func (f foreign) check(t *testing.T, h *house) {
	role := store.Extend[*string](h.DB, "user", store.Field{Name: "role"})
	pair := store.Join(h.sessions, h.users, "{session.userId} = {user.id}", "{session.token} = ? AND {session.expiresAt} > ?")
	expired := h.sessions.Delete("{expiresAt} <= ?")
	hit := h.limits.Update("{count} = {count} + ?, {lastRequest} = ?", "{key} = ? AND {lastRequest} < ?")
	limit := h.limits.Select("{key} = ?")
	ctx := t.Context()
	if p := must(h.Plan(ctx))(t); !p.Empty() {
		t.Fatalf("plan: %q %q", p.Statements, p.Refused)
	}
	if err := h.Load(ctx); err != nil {
		t.Fatal(err)
	}
	expires := time.Date(2026, 11, 30, 19, 59, 5, 596e6, time.UTC)
	s, u, err := pair.One(ctx, "token", expires.Add(-time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = pair.One(ctx, "token", expires)
	wantErr(t, err, store.ErrNotFound)
	want(t, s.ExpiresAt, expires)
	want(t, s.UserID, f.userID)
	want(t, u.ID, f.userID)
	want(t, u.EmailVerified, true)
	want(t, u.CreatedAt, time.Date(2026, 11, 23, 12, 0, 0, 120e6, time.UTC))
	want(t, u.UpdatedAt, u.CreatedAt)
	want(t, *must(role.Of(u))(t), "admin")

	bob := h.addUser(t, "bob@example.com")
	ours := &Session{Token: "ours", UserID: bob.ID, UserAgent: ptr("Mozilla/5.0"), ExpiresAt: noon, CreatedAt: noon, UpdatedAt: noon}
	if err := h.sessions.Insert(ctx, ours); err != nil {
		t.Fatal(err)
	}
	var stored string
	if err := h.SQL().QueryRowContext(ctx, f.stored).Scan(&stored); err != nil {
		t.Fatal(err)
	}
	want(t, stored, f.want)
	back, _, err := pair.One(ctx, "ours", noon.Add(-aDay))
	if err != nil || back.ExpiresAt != noonUTC || *back.UserAgent != *ours.UserAgent {
		t.Fatalf("got %+v %v", back, err)
	}
	wantErr(t, h.users.Insert(ctx, newUser("bob@example.com")), store.ErrConflict)
	want(t, must(expired.Run(ctx, noon))(t), 1)

	now := noon.UnixMilli()
	if err := h.limits.Insert(ctx, &RateLimit{Key: "k", Count: 1, LastRequest: now}); err != nil {
		t.Fatal(err)
	}
	want(t, must(hit.Run(ctx, 2, now+1, "k", now))(t), 0)
	want(t, must(hit.Run(ctx, 2, now+1, "k", now+1))(t), 1)
	got := must(limit.One(ctx, "k"))(t)
	want(t, got.Count, 3)
	want(t, got.LastRequest, now+1)
}
