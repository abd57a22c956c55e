import type { StaffImport } from '../../src/contracts/index.ts'

/** How a file's state looks as a tag. */
export const importLooks: Readonly<Record<StaffImport['state'], string>> = {
  reading: '',
  ready: 'soon',
  faulty: 'bad',
  writing: '',
  done: 'good',
  undoing: '',
  undone: '',
  failed: 'bad',
}
