package main

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
)

type Plant struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Zone   int    `json:"zone"`
	Cent   int    `json:"cent"`
	Stock  int    `json:"stock"`
}

type Filter struct {
	Kind    string
	MaxCent int
	Hardy   int
}

func (f Filter) matches(p Plant) bool {
	return (f.Kind == "" || p.Kind == f.Kind) && (f.MaxCent == 0 || p.Cent <= f.MaxCent) && (f.Hardy == 0 || p.Zone <= f.Hardy)
}

type Nursery struct {
	plants   []Plant
	byNumber map[int]int
}

func Open(count int) *Nursery {
	genus := []string{"Acer", "Betula", "Clematis", "Dahlia", "Echinacea", "Fagus", "Geranium", "Helleborus", "Iris", "Rosa", "Salvia", "Viola"}
	species := []string{"alba", "japonica", "montana", "nigra", "officinalis", "palustris", "rubra", "sylvestris", "vulgaris"}
	cultivar := []string{"The Bishop", "An Evening", "Snowflake", "A Winter's Tale", "Red Sail", "Blue Hour", "the Duchess", "Lemon Tart"}
	kinds := []string{"shrub", "tree", "perennial", "perennial", "perennial"}
	n := &Nursery{byNumber: make(map[int]int, count)}
	for i := 0; i < count; i++ {
		r := (i*7919 + 13) % 10007
		cross := ""
		if r%6 == 0 {
			cross = "× "
		}
		n.byNumber[1000+i] = i
		n.plants = append(n.plants, Plant{
			Number: 1000 + i, Kind: kinds[r%len(kinds)], Zone: 3 + r%6, Cent: 350 + r%97*45, Stock: r % 140,
			Name: fmt.Sprintf("%s %s%s '%s' No. %d", genus[r%12], cross, species[r/12%9], cultivar[r/7%8], 1+r%60),
		})
	}
	return n
}

func (n *Nursery) Plant(number int) (Plant, bool) {
	i, ok := n.byNumber[number]
	if !ok {
		return Plant{}, false
	}
	return n.plants[i], true
}

func (n *Nursery) Select(f Filter) []Plant {
	found := make([]Plant, 0, 256)
	for _, p := range n.plants {
		if f.matches(p) {
			found = append(found, p)
		}
	}
	return found
}

var (
	filler = regexp.MustCompile(`(?i)\b(the|an?|no\.)\s+|× ?`)
	digits = regexp.MustCompile(`[0-9]+`)
)

// catalogueName is a plant's name as printed lists order it: without articles and signs, numbers by their value.
func catalogueName(name string) string {
	name = filler.ReplaceAllString(name, "")
	name = digits.ReplaceAllStringFunc(name, func(d string) string { return "0000"[min(len(d), 4):] + d })
	return strings.ToLower(strings.ReplaceAll(name, "'", ""))
}

func sortByName(list []Plant) {
	sort.Slice(list, func(i, j int) bool {
		a, b := catalogueName(list[i].Name), catalogueName(list[j].Name)
		if a == b {
			return list[i].Number < list[j].Number
		}
		return a < b
	})
}

func sortByPrice(list []Plant) {
	slices.SortStableFunc(list, func(a, b Plant) int { return a.Cent - b.Cent })
}

// initials are the letters that the list's names begin with.
func initials(list []Plant) []string {
	seen := map[string]bool{}
	var letters []string
	for _, p := range list {
		if l := p.Name[:1]; !seen[l] {
			seen[l] = true
			letters = append(letters, l)
		}
	}
	sort.Strings(letters)
	return letters
}
