package planfile

import (
	"fmt"
	"strconv"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// node is a piece of a plan's text: a scalar as it was written, a list or a
// mapping.
type node struct {
	line, col int
	shape     shape
	text      string  // scalars, without quotes
	items     []*node // lists
	pairs     []pair  // mappings, in order
}

type pair struct{ key, value *node }

type shape uint8

const (
	nothing shape = iota
	scalar
	list
	mapping
)

var shapeNames = [...]string{"nothing", "a value", "a list", "a mapping"}

func (s shape) String() string { return shapeNames[s] }

// value finds a key of a mapping; nil when it is not there.
func (n *node) value(key string) *node {
	for _, p := range n.pairs {
		if p.key.text == key {
			return p.value
		}
	}
	return nil
}

// reach goes down a path of keys and of numbers in lists, from 0, as far as it is there.
func (n *node) reach(path ...string) *node {
	if len(path) == 0 {
		return n
	}
	next := n.value(path[0])
	if i, err := strconv.Atoi(path[0]); err == nil && n.shape == list && i >= 0 && i < len(n.items) {
		next = n.items[i]
	}
	if next == nil {
		return n
	}
	return next.reach(path[1:]...)
}

// key finds a key below mappings within mappings; nil when it is not there.
func (n *node) key(path ...string) *node {
	if n == nil {
		return nil
	}
	for _, p := range n.pairs {
		if p.key.text != path[0] {
			continue
		}
		if len(path) == 1 {
			return p.key
		}
		return p.value.key(path[1:]...)
	}
	return nil
}

// parse turns text into a tree; the tree is nil when there is nothing in it.
func parse(name string, data []byte) (root *node, err error) {
	if err := checkBytes(name, data); err != nil {
		return nil, err
	}
	defer func() { // the YAML parser is not ours, and the input may be anything
		if r := recover(); r != nil {
			root, err = nil, &Error{name, 1, 1, fmt.Sprintf("this cannot be read as YAML (%v)", r)}
		}
	}()
	tokens := lexer.Tokenize(string(data))
	if err := checkTokens(name, tokens); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, syntaxError(name, err)
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			at := (&builder{name: name}).build(doc.Body)
			return nil, &Error{name, at.line, at.col, "a second document begins here; a file holds one plan"}
		}
		body = doc.Body
	}
	if body == nil {
		return nil, nil
	}
	t := builder{name: name}
	return t.build(body), t.err
}

// builder turns the parser's tree into ours. The first thing it does not know
// is its error.
type builder struct {
	name string
	err  error
}

func (b *builder) fail(at *token.Token, msg string) {
	if b.err == nil {
		b.err = &Error{b.name, at.Position.Line, at.Position.Column, msg}
	}
}

func (b *builder) build(n ast.Node) *node {
	if n == nil { // a key or a dash with nothing behind it
		return &node{line: 1, col: 1}
	}
	out := at(n.GetToken())
	switch n := n.(type) {
	case *ast.MappingNode:
		out.shape = mapping
		if n.Start != nil && n.IsFlowStyle {
			out.line, out.col = n.Start.Position.Line, n.Start.Position.Column
		}
		for _, v := range n.Values {
			b.add(out, v)
		}
		if len(out.pairs) > 0 && !n.IsFlowStyle {
			out.line, out.col = out.pairs[0].key.line, out.pairs[0].key.col
		}
	case *ast.MappingValueNode:
		out.shape = mapping
		b.add(out, n)
	case *ast.SequenceNode:
		out.shape = list
		for _, v := range n.Values {
			out.items = append(out.items, b.build(v))
		}
	case *ast.NullNode:
		out.shape = nothing
	case *ast.StringNode:
		out.shape, out.text = scalar, n.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		out.shape, out.text = scalar, n.GetToken().Value
	default:
		b.fail(n.GetToken(), "a plan has no use for this piece of YAML")
	}
	return out
}

func at(t *token.Token) *node {
	if t == nil || t.Position == nil {
		return &node{line: 1, col: 1}
	}
	return &node{line: t.Position.Line, col: t.Position.Column}
}

// add appends one key and its value to a mapping.
func (b *builder) add(m *node, v *ast.MappingValueNode) {
	key := b.build(v.Key)
	if key.shape != scalar {
		b.fail(v.Key.GetToken(), "a key is a plain word")
	}
	if b.err == nil && m.value(key.text) != nil {
		b.fail(v.Key.GetToken(), fmt.Sprintf("%s is there twice", key.text))
	}
	if len(m.pairs) == maxKeys {
		b.fail(v.Key.GetToken(), fmt.Sprintf("this mapping has more than %d keys", maxKeys))
	}
	value := b.build(v.Value)
	if value.shape == nothing {
		value.line, value.col = key.line, key.col
	}
	m.pairs = append(m.pairs, pair{key, value})
}
