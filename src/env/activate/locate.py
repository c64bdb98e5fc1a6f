    # This environment may be moved: it is where this script is.
    env_dir = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if not os.path.isfile(os.path.join(env_dir, 'pyvenv.cfg')):
        raise RuntimeError('cannot tell where this environment is: it is '
                           'relocatable, and was reached through a link')
