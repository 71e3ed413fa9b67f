package main

import (
	"fmt"
	"math/rand"
	"strings"
)

// Plant is one registered cross; its parents are in the register too.
type Plant struct {
	ID      int
	Genus   string
	Name    string
	Breeder *Breeder
	Pod     *Plant
	Pollen  *Plant
	Awards  []*Award
	Notes   map[string]string
}

type Award struct {
	Show   string
	Year   int
	Points int
}

type Breeder struct {
	Name    string
	Country string
	Plants  []*Plant
}

type Register struct {
	plants   []*Plant
	byGenus  map[string][]*Plant
	breeders map[string]*Breeder
}

func title(rnd *rand.Rand, parts int) string {
	syllables := []string{"la", "ven", "mi", "ro", "que", "sta", "bel", "tor", "ina", "us", "cor", "dy"}
	var b strings.Builder
	for i := 0; i < parts; i++ {
		b.WriteString(syllables[rnd.Intn(len(syllables))])
	}
	s := b.String()
	return strings.ToUpper(s[:1]) + s[1:]
}

// loadRegister reads the register into memory.
func loadRegister(n int) *Register {
	rnd := rand.New(rand.NewSource(1895))
	genera := []string{"cattleya", "vanda", "paphiopedilum", "dendrobium", "cymbidium", "laelia", "oncidium", "miltonia"}
	countries := []string{"Singapore", "Brazil", "Japan", "Germany", "Taiwan"}
	shows := []string{"Kew", "Tokyo Dome", "Santa Barbara", "Taipei", "Dresden"}
	g := &Register{byGenus: map[string][]*Plant{}, breeders: map[string]*Breeder{}}
	var houses []*Breeder
	for i := 0; i < 400; i++ {
		b := &Breeder{Name: title(rnd, 4) + fmt.Sprint(" Nursery ", i), Country: countries[rnd.Intn(len(countries))]}
		g.breeders[b.Name] = b
		houses = append(houses, b)
	}
	for i := 0; i < n; i++ {
		p := &Plant{ID: i, Genus: genera[rnd.Intn(len(genera))], Name: title(rnd, 3) + " " + title(rnd, 2),
			Breeder: houses[rnd.Intn(len(houses))]}
		if kin := g.byGenus[p.Genus]; len(kin) > 10 {
			p.Pod, p.Pollen = kin[rnd.Intn(len(kin))], kin[rnd.Intn(len(kin))]
		}
		for a := rnd.Intn(4); a > 0; a-- {
			p.Awards = append(p.Awards, &Award{shows[rnd.Intn(len(shows))], 1950 + rnd.Intn(74), 60 + rnd.Intn(35)})
		}
		if rnd.Intn(3) == 0 {
			p.Notes = map[string]string{"colour": title(rnd, 2), "scent": title(rnd, 2)}
		}
		p.Breeder.Plants = append(p.Breeder.Plants, p)
		g.plants = append(g.plants, p)
		g.byGenus[p.Genus] = append(g.byGenus[p.Genus], p)
	}
	return g
}

// Line walks a plant's ancestors, nearest first.
func (p *Plant) Line(depth int) []*Plant {
	var line []*Plant
	level := []*Plant{p}
	for ; depth > 0 && len(level) > 0; depth-- {
		var next []*Plant
		for _, q := range level {
			if q.Pod != nil {
				next = append(next, q.Pod, q.Pollen)
			}
		}
		line = append(line, next...)
		level = next
	}
	return line
}

func (p *Plant) Points() int {
	sum := 0
	for _, a := range p.Awards {
		sum += a.Points
	}
	return sum
}
