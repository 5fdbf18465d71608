package evals
import ("testing";"math/rand/v2";"math";"sort";"fmt")
func TestZZSim(t *testing.T){
 for _, shape := range []float64{0,1,2} {
 for _, n := range []int{300,1000,4000} {
 for _, risk := range []float64{.05,.1,.2,.4} {
  bad, tried, quoted := 0,0,0.0
  for s := range 200 {
   rng := rand.New(rand.NewPCG(uint64(s),uint64(n)))
   draw := func() float64 { x := rng.NormFloat64()*1.5 - 0.8+shape*.6; return 1/(1+math.Exp(-x)) }
   js := make([]outcome,n)
   for i := range js { p := draw(); js[i].evidence.P = p; js[i].right = rng.Float64()<p }
   r := thresholdFor(js,risk)
   if r.Sure>1 {continue}
   tried++; quoted += float64(r.N)/float64(n)
   // true
   var ps []float64
   for range 20000 { ps = append(ps, draw()) }
   sort.Float64s(ps)
   sum, k := 0.0,0
   for _, p := range ps { if p>=r.Sure { sum += 1-p; k++ } }
   if k>0 && sum/float64(k) > risk {bad++}
  }
  fmt.Printf("shape %.0f n %d risk %.2f: %d of %d thresholds over; mean quoted %.3f; none %d\n",shape,n,risk,bad,tried,quoted/float64(max(tried,1)),200-tried)
 }}}
}
