// Not marked NOSPLIT: the widened row needs more stack than that allows.

// func maxDotsAVX2(best *int32, q *int16, rows *int8, n, dims int)
//
// For each row: widen it to int16 on the stack, then for each pair of its
// numbers multiply-and-add with the same pair of 16 tokens, 8 sums a register.
TEXT ·maxDotsAVX2(SB), $2048-40
	MOVQ best+0(FP), DI
	MOVQ q+8(FP), SI
	MOVQ rows+16(FP), DX
	MOVQ n+24(FP), CX
	MOVQ dims+32(FP), BX
	VMOVDQU (DI), Y6
	VMOVDQU 32(DI), Y7

row:
	MOVQ SP, R8
	MOVQ BX, R9

widen:
	VPMOVSXBW (DX), Y2
	VMOVDQU Y2, (R8)
	ADDQ $16, DX
	ADDQ $32, R8
	SUBQ $16, R9
	JNZ  widen

	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	VPXOR Y8, Y8, Y8
	VPXOR Y9, Y9, Y9
	MOVQ  SP, R8
	MOVQ  SI, R10
	MOVQ  BX, R9

pair:
	VPBROADCASTD (R8), Y2
	VPBROADCASTD 4(R8), Y3
	VPMADDWD     (R10), Y2, Y4
	VPMADDWD     32(R10), Y2, Y5
	VPMADDWD     64(R10), Y3, Y10
	VPMADDWD     96(R10), Y3, Y11
	VPADDD       Y4, Y0, Y0
	VPADDD       Y5, Y1, Y1
	VPADDD       Y10, Y8, Y8
	VPADDD       Y11, Y9, Y9
	ADDQ         $8, R8
	ADDQ         $128, R10
	SUBQ         $4, R9
	JNZ          pair

	VPADDD  Y8, Y0, Y0
	VPADDD  Y9, Y1, Y1
	VPMAXSD Y0, Y6, Y6
	VPMAXSD Y1, Y7, Y7
	DECQ    CX
	JNZ     row

	VMOVDQU Y6, (DI)
	VMOVDQU Y7, 32(DI)
	VZEROUPPER
	RET
