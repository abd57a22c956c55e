import { createTheme, type MantineColorsTuple } from '@mantine/core'

// A blue green with little colour in it: calm beside the one colour that must stand out, that of lateness.
const pine: MantineColorsTuple = [
  '#eef6f5',
  '#dcebe9',
  '#b8d7d3',
  '#90c1bb',
  '#6fb3ab',
  '#4f9d94',
  '#3a877e',
  '#1f6f67',
  '#175b55',
  '#104843',
]

// The library's greys of the dark scheme, with the same touch of green as the page.
const dark: MantineColorsTuple = [
  '#e4ebe9',
  '#c3cecb',
  '#a3b3af',
  '#7d8f8b',
  '#465652',
  '#33413e',
  '#1d2826',
  '#121817',
  '#0d1211',
  '#090d0c',
]

export const theme = createTheme({
  colors: { pine, dark },
  primaryColor: 'pine',
  primaryShade: { light: 8, dark: 7 },
  defaultRadius: 'sm',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  components: {
    Button: { defaultProps: { size: 'xs', variant: 'default' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Modal: {
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.4 },
        transitionProps: { duration: 0 },
        attributes: { header: { role: 'presentation' } },
      },
    },
  },
})
