package sqlpp

import (
	"encoding/json"
	"strings"
)

// Definition is a statement that makes, fills or removes indexes of one collection.
type Definition struct {
	Verb       string // CREATE, BUILD or DROP
	Collection string
	Names      []string // of the indexes
	Maybe      bool     // IF NOT EXISTS, or IF EXISTS
	Index      Index    // that CREATE makes
	Deferred   bool
	Divided    bool // PARTITION BY
}

// Index is what a definition says of an index.
type Index struct {
	Name      string
	Keys      []string // as they were written; DESC stands behind its key
	Condition string   // empty: none
	Replicas  int
}

// Define reads a definition. ok false: the statement is none. What cannot be read
// is an *Error.
func Define(statement string) (d Definition, ok bool, err error) {
	p, err := read(statement)
	if err != nil {
		return d, false, err
	}
	switch {
	case p.accept("CREATE", "INDEX"):
		d.Verb = "CREATE"
		err = d.readCreate(p)
	case p.accept("BUILD", "INDEX", "ON"):
		d.Verb = "BUILD"
		if d.Collection, err = p.name(); err == nil {
			d.Names, err = p.names()
		}
	case p.accept("DROP", "INDEX"):
		d.Verb = "DROP"
		err = d.readDrop(p)
	default:
		return d, false, nil
	}
	if err == nil && !p.ended() {
		err = p.wrong()
	}
	return d, true, err
}

func (d *Definition) readDrop(p *phrase) error {
	name, err := p.name()
	if err != nil {
		return err
	}
	d.Names = []string{name}
	d.Maybe = p.accept("IF", "EXISTS")
	if err := p.expect("ON"); err != nil {
		return err
	}
	d.Collection, err = p.name()
	return err
}

// readCreate reads what follows CREATE INDEX, in the order that a server's grammar
// has: IF NOT EXISTS comes after the name.
func (d *Definition) readCreate(p *phrase) error {
	name, err := p.name()
	if err != nil {
		return err
	}
	d.Names = []string{name}
	d.Maybe = p.accept("IF", "NOT", "EXISTS")
	if err := p.expect("ON"); err != nil {
		return err
	}
	if d.Collection, err = p.name(); err != nil {
		return err
	}
	d.Index.Name = name
	if err := d.readKeys(p); err != nil {
		return err
	}
	if p.accept("PARTITION", "BY") {
		d.Divided = true
		if _, err := p.until("WHERE", "USING", "WITH"); err != nil {
			return err
		}
	}
	if p.accept("WHERE") {
		if d.Index.Condition, err = p.until("USING", "WITH"); err != nil {
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

func (d *Definition) readKeys(p *phrase) error {
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
		d.Index.Keys = append(d.Index.Keys, key)
		if p.accept(")") {
			return nil
		}
		if err := p.expect(","); err != nil {
			return err
		}
	}
}

func (d *Definition) readWith(p *phrase) error {
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
		return Errorf(5000, "Fails to create index. The WITH clause is wrong: %v", err)
	}
	end := p.tokens[p.next].at + int(decoder.InputOffset())
	for !p.ended() && p.tokens[p.next].at < end {
		p.next++
	}
	d.Deferred, d.Index.Replicas = options.Deferred, options.Replicas
	return nil
}
