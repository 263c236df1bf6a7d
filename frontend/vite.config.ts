import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const monitor = { target: 'http://127.0.0.1:8080', changeOrigin: true }

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy: { '/api': monitor, '/health': monitor, '/metrics': monitor } },
  // Inlined assets would need data: URLs, which the content security policy refuses.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  test: {
    testTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'plain', include: ['src/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          testTimeout: 120_000,
          name: 'page',
          environment: 'jsdom',
          include: ['src/**/*.test.tsx'],
          setupFiles: ['src/test-setup.ts'],
        },
      },
    ],
  },
})
