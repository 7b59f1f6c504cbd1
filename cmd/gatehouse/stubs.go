package main

type migrateCommand struct{}
type userCommand struct{}
type sessionCommand struct{}
type mailCommand struct{}
type configCommand struct{}
type doctorCommand struct{}
