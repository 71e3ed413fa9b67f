package main

import (
	"fmt"
	"image/color"
	"math"
	"math/rand"
)

// Thread is one skein of the maker's range.
type Thread struct {
	Number string     `json:"number"`
	Name   string     `json:"name"`
	Color  color.RGBA `json:"-"`
}

type Range struct {
	Maker   string
	Threads []Thread
}

type lab struct{ l, a, b float64 }

func linear(v uint8) float64 {
	c := float64(v) / 255
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

func pivot(t float64) float64 {
	if t > 216.0/24389 {
		return math.Cbrt(t)
	}
	return (24389.0/27*t + 16) / 116
}

func toLab(c color.RGBA) lab {
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	x := pivot((0.4124*r + 0.3576*g + 0.1805*b) / 0.9505)
	y := pivot(0.2126*r + 0.7152*g + 0.0722*b)
	z := pivot((0.0193*r + 0.1192*g + 0.9505*b) / 1.089)
	return lab{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// deltaE says how different two colours look (CIE 1994, textiles).
func deltaE(one, two color.RGBA) float64 {
	p, q := toLab(one), toLab(two)
	c1, c2 := math.Hypot(p.a, p.b), math.Hypot(q.a, q.b)
	dl, dc := (p.l-q.l)/2, c1-c2
	dh := (p.a-q.a)*(p.a-q.a) + (p.b-q.b)*(p.b-q.b) - dc*dc
	sc, sh := 1+0.048*c1, 1+0.014*c1
	return dl*dl + dc*dc/(sc*sc) + math.Max(dh, 0)/(sh*sh)
}

// Nearest is the thread that looks most like the colour.
func (r *Range) Nearest(c color.RGBA) int {
	best, least := 0, math.Inf(1)
	for i, t := range r.Threads {
		if d := deltaE(c, t.Color); d < least {
			best, least = i, d
		}
	}
	return best
}

func newRange() *Range {
	rnd := rand.New(rand.NewSource(310))
	hues := []string{"sky", "moss", "coral", "plum", "straw", "slate", "garnet", "ivory"}
	shades := []string{"very light", "light", "medium", "dark", "very dark"}
	r := &Range{Maker: "Dahl & Moen"}
	for i := 0; i < 190; i++ {
		r.Threads = append(r.Threads, Thread{
			Number: fmt.Sprint(150 + i*3), Name: hues[rnd.Intn(len(hues))] + " " + shades[rnd.Intn(len(shades))],
			Color: color.RGBA{uint8(rnd.Intn(256)), uint8(rnd.Intn(256)), uint8(rnd.Intn(256)), 255},
		})
	}
	return r
}
