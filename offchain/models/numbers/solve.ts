// A small linear system by Cholesky's method: what every least-squares fit ends in.

/** Solves a symmetric positive definite system given by its lower half; a flat series has no answer but zeros. */
export function solve(lower: number[][], right: readonly number[]): readonly number[] {
  const size = right.length
  const at = (i: number, j: number) => (lower[i] as number[])[j] as number
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = at(i, j)
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k)
      if (i === j && sum <= 0) return right.map(() => 0)
      ;(lower[i] as number[])[j] = i === j ? Math.sqrt(sum) : sum / at(j, j)
    }
  }
  const half: number[] = []
  for (let i = 0; i < size; i++) {
    let sum = right[i] as number
    for (let k = 0; k < i; k++) sum -= at(i, k) * (half[k] as number)
    half.push(sum / at(i, i))
  }
  const answer = new Array<number>(size).fill(0)
  for (let i = size - 1; i >= 0; i--) {
    let sum = half[i] as number
    for (let k = i + 1; k < size; k++) sum -= at(k, i) * (answer[k] as number)
    answer[i] = sum / at(i, i)
  }
  return answer
}
