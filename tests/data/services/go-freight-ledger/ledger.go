package main

import (
	"fmt"
	"math/rand"
	"sort"
	"strings"
	"time"
)

// Money is an amount with its currency, as the booking system hands it out.
type Money struct {
	Minor    int64
	Currency string
}

func (m *Money) Plus(o *Money) *Money {
	if m == nil {
		return &Money{Minor: o.Minor, Currency: o.Currency}
	}
	return &Money{Minor: m.Minor + o.Minor, Currency: m.Currency}
}

func (m *Money) String() string {
	return fmt.Sprintf("%d.%02d %s", m.Minor/100, m.Minor%100, m.Currency)
}

type Party struct {
	Name    string
	Country string
}

type Charge struct {
	Kind   string
	Amount *Money
}

// Waybill is one consignment with what was charged for it.
type Waybill struct {
	Number  string
	From    *Party
	To      *Party
	Shipped time.Time
	Charges []*Charge
	Next    *Waybill // of the same sender
}

// Ledger holds the waybills of the running quarter.
type Ledger struct {
	bills    []*Waybill
	byNumber map[string]*Waybill
	bySender map[string]*Waybill
}

func (l *Ledger) Book(w *Waybill) {
	w.Next = l.bySender[w.From.Name]
	l.bySender[w.From.Name] = w
	l.byNumber[w.Number] = w
	l.bills = append(l.bills, w)
}

// Posting is a charge on its way into a report.
type Posting struct {
	Key    string
	Labels map[string]string
	Amount *Money
	Day    *time.Time
}

func (w *Waybill) postings() []*Posting {
	var out []*Posting
	for _, c := range w.Charges {
		day := w.Shipped.Truncate(24 * time.Hour)
		out = append(out, &Posting{
			Key:    strings.Join([]string{w.From.Country, w.To.Country, c.Kind}, "/"),
			Labels: map[string]string{"from": w.From.Country, "to": w.To.Country, "kind": c.Kind},
			Amount: c.Amount,
			Day:    &day,
		})
	}
	return out
}

type Total struct {
	Key    string `json:"key"`
	Count  int    `json:"count"`
	Days   int    `json:"days"`
	Amount string `json:"amount"`
}

// Totals sums the postings that a filter lets through, by their key.
func Totals(postings []*Posting, keep func(*Posting) bool) []Total {
	groups := make(map[string][]*Posting)
	for _, p := range postings {
		if keep(p) {
			groups[p.Key] = append(groups[p.Key], p)
		}
	}
	totals := make([]Total, 0, len(groups))
	for key, group := range groups {
		var sum *Money
		days := make(map[string]bool)
		for _, p := range group {
			sum = sum.Plus(p.Amount)
			days[p.Day.Format(time.DateOnly)] = true
		}
		totals = append(totals, Total{Key: key, Count: len(group), Days: len(days), Amount: sum.String()})
	}
	sort.Slice(totals, func(i, j int) bool { return totals[i].Key < totals[j].Key })
	return totals
}

// Lanes are the totals by countries and kind of charge of one sender or, without one, of a share of all waybills.
func (l *Ledger) Lanes(sender, from string) []Total {
	var postings []*Posting
	if sender != "" {
		for w := l.bySender[sender]; w != nil; w = w.Next {
			postings = append(postings, w.postings()...)
		}
	} else {
		for _, w := range l.bills[max(0, len(l.bills)-recent):] {
			postings = append(postings, w.postings()...)
		}
	}
	return Totals(postings, func(p *Posting) bool { return from == "" || p.Labels["from"] == from })
}

const recent = 14000

var (
	countries = strings.Fields("AT BE CH CZ DE DK FR IT NL PL")
	kinds     = strings.Fields("freight fuel toll customs")
)

func loadLedger(size int) *Ledger {
	rnd := rand.New(rand.NewSource(21))
	begin := time.Date(2025, 4, 1, 6, 0, 0, 0, time.UTC)
	l := &Ledger{byNumber: make(map[string]*Waybill), bySender: make(map[string]*Waybill)}
	for i := 0; i < size; i++ {
		w := &Waybill{
			Number:  fmt.Sprintf("W%07d", i),
			From:    &Party{Name: fmt.Sprintf("sender-%d", rnd.Intn(size/40+1)), Country: countries[rnd.Intn(len(countries))]},
			To:      &Party{Name: fmt.Sprintf("receiver-%d", rnd.Intn(size)), Country: countries[rnd.Intn(len(countries))]},
			Shipped: begin.Add(time.Duration(i) * 25 * time.Second),
		}
		for _, kind := range kinds[:2+rnd.Intn(3)] {
			w.Charges = append(w.Charges, &Charge{Kind: kind, Amount: &Money{Minor: int64(500 + rnd.Intn(90000)), Currency: "EUR"}})
		}
		l.Book(w)
	}
	return l
}
