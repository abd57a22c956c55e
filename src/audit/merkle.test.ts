import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { growingTree, inclusionPath, leafHash, rootByPath } from './merkle.ts'

const sha = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
const leaf = (text: string) => sha(Buffer.from([0]), Buffer.from(text, 'hex'))

// The inputs and roots that RFC 6962's authors publish with their implementation (certificate-transparency, merkle tree tests).
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

test('the roots of the published examples come out', () => {
  const tree = growingTree()
  expect(tree.root().toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  const found = inputs.map((input) => {
    tree.add(leaf(input))
    return tree.root().toString('hex')
  })
  expect(found).toEqual(roots)
})

test('every leaf of every tree up to forty is proved by its path, and by no other', () => {
  const leaves = Array.from({ length: 40 }, (_, n) => leafHash(`event-${n}`, '{}'))
  const file = Buffer.concat(leaves)
  const tree = growingTree()
  for (const [last, added] of leaves.entries()) {
    tree.add(added)
    const size = last + 1
    const root = tree.root()
    for (let index = 0; index < size; index += 1) {
      const path = inclusionPath(file, index, size)
      const own = leaves[index] ?? Buffer.alloc(0)
      expect(rootByPath(own, index, size, path)).toEqual(root)
      expect(rootByPath(leafHash(`event-${index}`, '{ }'), index, size, path)).not.toEqual(root)
      if (size > 1) expect(rootByPath(own, (index + 1) % size, size, path)).not.toEqual(root)
    }
  }
})
