// Package invariant is what must hold for locks after every event, whoever keeps
// them: the service of package lock, the nodes of package redlock, or a naive
// store. It sees machines through the interfaces of node.go.
package invariant
