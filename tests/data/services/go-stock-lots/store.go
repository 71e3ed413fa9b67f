package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

type Lot struct {
	ID      string
	Article *Article
	Shelf   *Shelf
	Pieces  int
	Expires int
}

type Shelf struct {
	Aisle, Bay int
	Lots       []*Lot
}

type Article struct {
	Number string
	Lots   []*Lot
}

type Line struct {
	Article string `json:"article"`
	Pieces  int    `json:"pieces"`
}

type Order struct {
	Lines []Line `json:"lines"`
}

type Pick struct {
	Article string   `json:"article"`
	Places  []string `json:"places"`
	Short   int      `json:"short"`
	Check   string   `json:"check"`
}

type Store struct {
	articles map[string]*Article
	shelves  map[string]*Shelf
}

type option struct {
	lot  *Lot
	walk int
	key  string
}

func fill(articles, each int) *Store {
	s := &Store{articles: make(map[string]*Article), shelves: make(map[string]*Shelf)}
	for i := 0; i < articles; i++ {
		a := &Article{Number: "A" + strconv.Itoa(20000+i)}
		s.articles[a.Number] = a
		for j := 0; j < each; j++ {
			aisle, bay := (i+j*7)%90, (i*3+j)%200
			place := strconv.Itoa(aisle) + "-" + strconv.Itoa(bay)
			shelf := s.shelves[place]
			if shelf == nil {
				shelf = &Shelf{Aisle: aisle, Bay: bay}
				s.shelves[place] = shelf
			}
			lot := &Lot{ID: a.Number + "/" + strconv.Itoa(j), Article: a, Shelf: shelf, Pieces: 1 + (i+j)%6, Expires: 20250 + (i*j)%400}
			a.Lots = append(a.Lots, lot)
			shelf.Lots = append(shelf.Lots, lot)
		}
	}
	return s
}

func (s *Store) options(a *Article) []*option {
	var out []*option
	for _, lot := range a.Lots {
		if lot.Pieces > 0 {
			out = append(out, &option{lot: lot, walk: lot.Shelf.Aisle*12 + lot.Shelf.Bay, key: lot.ID})
		}
	}
	slices.SortFunc(out, func(x, y *option) int {
		return cmp.Or(cmp.Compare(x.lot.Expires, y.lot.Expires), cmp.Compare(x.walk, y.walk), cmp.Compare(x.key, y.key))
	})
	return out
}

func (s *Store) choose(line Line) (Pick, error) {
	a, ok := s.articles[line.Article]
	if !ok {
		return Pick{}, fmt.Errorf("no article %s", line.Article)
	}
	p := Pick{Article: a.Number, Short: line.Pieces}
	slip := newSlip(a.Number)
	for _, o := range s.options(a) {
		if p.Short <= 0 {
			break
		}
		p.Places = append(p.Places, fmt.Sprintf("%d-%d %s", o.lot.Shelf.Aisle, o.lot.Shelf.Bay, o.key))
		slip.row(p.Places[len(p.Places)-1], min(p.Short, o.lot.Pieces))
		p.Short -= o.lot.Pieces
	}
	p.Check = slip.check()
	return p, nil
}
