package couchbasetest

import (
	"encoding/json"
	"strings"
)

// definition is a statement that makes, fills or removes indexes.
type definition struct {
	verb       string // CREATE, BUILD or DROP
	collection string
	names      []string
	maybe      bool // IF NOT EXISTS, or IF EXISTS
	index      index
	deferred   bool
	divided    bool // PARTITION BY
}

// define reads a definition. ok false: the statement is none.
func define(statement string) (d definition, ok bool, err error) {
	p, err := read(statement)
	if err != nil {
		return d, false, err
	}
	switch {
	case p.accept("CREATE", "INDEX"):
		d.verb = "CREATE"
		err = d.readCreate(p)
	case p.accept("BUILD", "INDEX", "ON"):
		d.verb = "BUILD"
		if d.collection, err = p.name(); err == nil {
			d.names, err = p.names()
		}
	case p.accept("DROP", "INDEX"):
		d.verb = "DROP"
		err = d.readDrop(p)
	default:
		return d, false, nil
	}
	if err == nil && !p.ended() {
		err = p.wrong()
	}
	return d, true, err
}

func (d *definition) readDrop(p *phrase) error {
	name, err := p.name()
	if err != nil {
		return err
	}
	d.names = []string{name}
	d.maybe = p.accept("IF", "EXISTS")
	if err := p.expect("ON"); err != nil {
		return err
	}
	d.collection, err = p.name()
	return err
}

// readCreate reads what follows CREATE INDEX, in the order that a server's grammar
// has: IF NOT EXISTS comes after the name.
func (d *definition) readCreate(p *phrase) error {
	name, err := p.name()
	if err != nil {
		return err
	}
	d.names = []string{name}
	d.maybe = p.accept("IF", "NOT", "EXISTS")
	if err := p.expect("ON"); err != nil {
		return err
	}
	if d.collection, err = p.name(); err != nil {
		return err
	}
	d.index.name = name
	if err := d.readKeys(p); err != nil {
		return err
	}
	if p.accept("PARTITION", "BY") {
		d.divided = true
		if _, err := p.until("WHERE", "USING", "WITH"); err != nil {
			return err
		}
	}
	if p.accept("WHERE") {
		if d.index.condition, err = p.until("USING", "WITH"); err != nil {
			return err
		}
	}
	if p.accept("USING") {
		if err := p.expect("GSI"); err != nil {
			return err
		}
	}
	return d.readWith(p)
}

func (d *definition) readKeys(p *phrase) error {
	if err := p.expect("("); err != nil {
		return err
	}
	for {
		key, err := p.until(",", ")", "ASC", "DESC")
		if err != nil {
			return err
		}
		if unquoted := strings.Fields(key); len(unquoted) == 1 && reserved(key) {
			return syntaxError(p.statement, strings.Index(p.statement, key), key+" (reserved word)")
		}
		if p.accept("DESC") {
			key += " DESC"
		} else {
			p.accept("ASC")
		}
		d.index.keys = append(d.index.keys, key)
		if p.accept(")") {
			return nil
		}
		if err := p.expect(","); err != nil {
			return err
		}
	}
}

func (d *definition) readWith(p *phrase) error {
	if !p.accept("WITH") {
		return nil
	}
	if p.ended() {
		return p.wrong()
	}
	var options struct {
		Deferred bool `json:"defer_build"`
		Replicas int  `json:"num_replica"`
	}
	decoder := json.NewDecoder(strings.NewReader(p.statement[p.tokens[p.next].at:]))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&options); err != nil {
		return queryErrorf(5000, "Fails to create index. The WITH clause is wrong: %v", err)
	}
	end := p.tokens[p.next].at + int(decoder.InputOffset())
	for !p.ended() && p.tokens[p.next].at < end {
		p.next++
	}
	d.deferred, d.index.replicas = options.Deferred, options.Replicas
	return nil
}
