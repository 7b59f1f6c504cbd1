package web

// Account is what people may do to their own account.
type Account struct {
	// ChangeEmail: the address can be changed by mail; AgreeFirst: the old
	// address is asked before the new one.
	ChangeEmail bool `json:"changeEmail"`
	AgreeFirst  bool `json:"agreeFirst"`
	Delete      bool `json:"delete"`
	// Activity: people can read what happened to their account. Data: they can
	// take what is kept about them.
	Activity bool `json:"activity"`
	Data     bool `json:"data"`
}
