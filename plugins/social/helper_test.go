package social_test

import "github.com/gatehouse-auth/gatehouse/store"

func change(field string, value any) store.Change { return store.Change{Field: field, Value: value} }

func storeOptions() store.Options { return store.Options{} }
