// Package kv is a replicated key-value store: a state machine (Store), a server
// that runs it on a Raft group (Server), and the clients that use it (Client).
//
// A command is applied once however often its client sends it: the store keeps,
// for each client process, the number and the result of its latest operation.
// Reads go through the log like writes, unless the server is configured otherwise
// (Reads). Sessions are never forgotten.
//
// Contents: messages.go what clients and servers say · store.go, codec.go the
// state machine · server.go · reads.go gets without the log · client.go one client ·
// workload.go what it asks.
package kv
