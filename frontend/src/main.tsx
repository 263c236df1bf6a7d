import './styles.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app'
import { createServices } from './app/services'
import { chosenTheme, showTheme } from './lib/theme'

showTheme(chosenTheme())

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element #root')

createRoot(root).render(
  <StrictMode>
    <App services={createServices()} />
  </StrictMode>,
)
