import { command } from '../Command';

export const completionOptions = {};

export const completionCommand = command({
  name: 'completion',
  summary: 'print what completes command lines in a shell',
  positionals: ['SHELL'],
  description: 'Writes a script for bash, zsh or fish to stdout.',
  options: completionOptions,
  examples: [
    ['eval "$(bipoll completion bash)"', 'in ~/.bashrc'],
    ['eval "$(bipoll completion zsh)"', 'in ~/.zshrc, behind compinit'],
    ['bipoll completion fish | source', 'in ~/.config/fish/config.fish'],
  ],
  load: async () => (await import('../commands/completion')).run,
});
