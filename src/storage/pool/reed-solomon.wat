;; Multiply and add over GF(2^8) with the nibble tables of reed-solomon.ts: c * x = low[x & 15] ^ high[x >> 4], sixteen bytes at once.
;; A table is 32 bytes long, low nibbles first. `length` is a multiple of 16 and not 0. After a change: npm run wasm.
(module
  (memory (export "memory") 32)

  ;; target ^= c * source
  (func (export "addOne") (param $table i32) (param $source i32) (param $target i32) (param $length i32)
    (local $low v128) (local $high v128) (local $bytes v128) (local $mask v128) (local $end i32)
    (local.set $low (v128.load (local.get $table)))
    (local.set $high (v128.load offset=16 (local.get $table)))
    (local.set $mask (i8x16.splat (i32.const 15)))
    (local.set $end (i32.add (local.get $source) (local.get $length)))
    (loop $next
      (local.set $bytes (v128.load (local.get $source)))
      (v128.store (local.get $target)
        (v128.xor (v128.load (local.get $target))
          (v128.xor
            (i8x16.swizzle (local.get $low) (v128.and (local.get $bytes) (local.get $mask)))
            (i8x16.swizzle (local.get $high) (v128.and (i16x8.shr_u (local.get $bytes) (i32.const 4)) (local.get $mask))))))
      (local.set $source (i32.add (local.get $source) (i32.const 16)))
      (local.set $target (i32.add (local.get $target) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $source) (local.get $end)))))

  ;; the same for four targets, 4096 bytes apart: one pass over the source
  (func (export "addFour")
    (param $table0 i32) (param $table1 i32) (param $table2 i32) (param $table3 i32)
    (param $source i32) (param $target i32) (param $length i32)
    (local $low0 v128) (local $low1 v128) (local $low2 v128) (local $low3 v128)
    (local $high0 v128) (local $high1 v128) (local $high2 v128) (local $high3 v128)
    (local $low v128) (local $high v128) (local $mask v128) (local $end i32)
    (local.set $low0 (v128.load (local.get $table0)))
    (local.set $low1 (v128.load (local.get $table1)))
    (local.set $low2 (v128.load (local.get $table2)))
    (local.set $low3 (v128.load (local.get $table3)))
    (local.set $high0 (v128.load offset=16 (local.get $table0)))
    (local.set $high1 (v128.load offset=16 (local.get $table1)))
    (local.set $high2 (v128.load offset=16 (local.get $table2)))
    (local.set $high3 (v128.load offset=16 (local.get $table3)))
    (local.set $mask (i8x16.splat (i32.const 15)))
    (local.set $end (i32.add (local.get $source) (local.get $length)))
    (loop $next
      (local.set $high (v128.load (local.get $source)))
      (local.set $low (v128.and (local.get $high) (local.get $mask)))
      (local.set $high (v128.and (i16x8.shr_u (local.get $high) (i32.const 4)) (local.get $mask)))
      (v128.store (local.get $target)
        (v128.xor (v128.load (local.get $target))
          (v128.xor
            (i8x16.swizzle (local.get $low0) (local.get $low))
            (i8x16.swizzle (local.get $high0) (local.get $high)))))
      (v128.store offset=4096 (local.get $target)
        (v128.xor (v128.load offset=4096 (local.get $target))
          (v128.xor
            (i8x16.swizzle (local.get $low1) (local.get $low))
            (i8x16.swizzle (local.get $high1) (local.get $high)))))
      (v128.store offset=8192 (local.get $target)
        (v128.xor (v128.load offset=8192 (local.get $target))
          (v128.xor
            (i8x16.swizzle (local.get $low2) (local.get $low))
            (i8x16.swizzle (local.get $high2) (local.get $high)))))
      (v128.store offset=12288 (local.get $target)
        (v128.xor (v128.load offset=12288 (local.get $target))
          (v128.xor
            (i8x16.swizzle (local.get $low3) (local.get $low))
            (i8x16.swizzle (local.get $high3) (local.get $high)))))
      (local.set $source (i32.add (local.get $source) (i32.const 16)))
      (local.set $target (i32.add (local.get $target) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $source) (local.get $end))))))
