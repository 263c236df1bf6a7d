package probe

import (
	"slices"
	"sync"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// pageRows is how many rows a page of a pile has: 8 KiB of them.
const pageRows = 35

// page is room for some rows.
type page [pageRows]monitor.Result

// pages are those that no pile uses.
type pages struct{ pool sync.Pool }

func (p *pages) take() *page {
	if unused, ok := p.pool.Get().(*page); ok {
		return unused
	}
	return new(page)
}

func (p *pages) giveBack(used *page) {
	clear(used[:])
	p.pool.Put(used)
}

// pile holds rows, oldest first. It takes up little more room than they do.
type pile struct {
	spare *pages
	pages []*page
	gone  int // rows of the first page that were removed
	count int
}

// add puts a row behind the others.
func (p *pile) add(row *monitor.Result) {
	at := p.gone + p.count
	if at == len(p.pages)*pageRows {
		p.pages = append(p.pages, p.spare.take())
	}
	p.pages[at/pageRows][at%pageRows] = *row
	p.count++
}

// at returns a row: 0 is the oldest.
func (p *pile) at(i int) *monitor.Result {
	i += p.gone
	return &p.pages[i/pageRows][i%pageRows]
}

// first returns so many of the oldest rows.
func (p *pile) first(count int) []monitor.Result {
	rows := make([]monitor.Result, count)
	for i := range rows {
		rows[i] = *p.at(i)
	}
	return rows
}

// remove takes so many of the oldest rows off.
func (p *pile) remove(count int) {
	p.gone += count
	p.count -= count
	if p.count == 0 {
		p.gone = len(p.pages) * pageRows
	}
	empty := p.gone / pageRows
	for _, used := range p.pages[:empty] {
		p.spare.giveBack(used)
	}
	p.pages = slices.Delete(p.pages, 0, empty)
	p.gone -= empty * pageRows
}
