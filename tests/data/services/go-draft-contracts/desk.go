package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"text/template"
	"time"
)

var errNoTemplate = errors.New("no template for this kind of flat")

type draftKey struct{}

// Draft is a contract under way; its context ends when the desk closes or the draft is withdrawn.
type Draft struct {
	ctx      context.Context
	withdraw context.CancelFunc
	Tenant   string
	Pages    []string
	Total    float64
	Made     time.Time
}

type Desk struct {
	open      context.Context
	templates map[string]*template.Template
}

const clause = `§{{.No}} The tenant {{.Tenant}} rents the flat {{.Flat}} at {{printf "%.2f" .Rent}} a month for {{.Months}} months.
`

func NewDesk(open context.Context) *Desk {
	house := strings.Repeat("Keys, heating, lifts and the yard are used as the house rules say. ", 28)
	t := template.Must(template.New("flat").Parse(clause + house))
	return &Desk{open: open, templates: map[string]*template.Template{"A": t, "B": t, "C": t}}
}

func (d *Desk) begin(in input) *Draft {
	draft := &Draft{Tenant: in.Tenant, Made: time.Now()}
	draft.ctx, draft.withdraw = context.WithCancel(context.WithValue(d.open, draftKey{}, draft))
	return draft
}

func (d *Desk) Prepare(in input) (*Draft, error) {
	t, ok := d.templates[in.Flat[:1]]
	if !ok {
		return nil, errNoTemplate
	}
	draft := d.begin(in)
	for no := 1; no <= 6; no++ {
		var page bytes.Buffer
		err := t.Execute(&page, map[string]any{"No": no, "Tenant": in.Tenant, "Flat": in.Flat, "Rent": in.Rent, "Months": in.Months})
		if err != nil {
			draft.withdraw()
			return nil, err
		}
		draft.Pages = append(draft.Pages, page.String())
	}
	draft.Total = in.Rent * float64(in.Months)
	return draft, draft.ctx.Err()
}

func (d *Draft) Figures() map[string]any {
	sum := crc32.NewIEEE()
	for _, p := range d.Pages {
		sum.Write([]byte(p))
	}
	return map[string]any{"tenant": d.Tenant, "pages": len(d.Pages), "total": d.Total, "check": fmt.Sprintf("%08x", sum.Sum32())}
}
